"""P8: every cent of a payment is kept, refunded, on its way back or withdrawn by a dispute, here as at the provider.
P10: captured money belongs to a booking that stands, or goes back, or waits for a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.payments.gateway import Gateway, NotThere
from portal.promises.provider import Provider, Silent
from portal.promises.violations import Violation, everything, found, in_batches

_PAYMENT = """
SELECT p.id, p.stripe_payment_intent_id AS intent, p.stripe_account_id AS account, p.currency, p.amount_cents,
  l.captured, l.refunded, l.withdrawn, l.is_one_currency, r.done, r.asked, r.waiting
FROM payment p
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount_cents) FILTER (WHERE kind = 'capture'), 0)::bigint AS captured,
    -coalesce(sum(amount_cents) FILTER (WHERE kind IN ('refund', 'refund_failed')), 0)::bigint AS refunded,
    -coalesce(sum(amount_cents) FILTER (WHERE kind IN ('dispute', 'dispute_won')), 0)::bigint AS withdrawn,
    coalesce(bool_and(currency = p.currency), true) AS is_one_currency
  FROM ledger_entry WHERE tenant_id = p.tenant_id AND payment_id = p.id) l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount_cents) FILTER (WHERE status = 'COMPLETED'), 0)::bigint AS done,
    coalesce(sum(amount_cents) FILTER (WHERE status = 'PROCESSING'), 0)::bigint AS asked,
    coalesce(sum(amount_cents) FILTER (WHERE status = 'PENDING'), 0)::bigint AS waiting
  FROM refund_request WHERE tenant_id = p.tenant_id AND payment_id = p.id) r
"""
_BY_ITSELF = "('capture', 'refund', 'refund_failed', 'dispute', 'dispute_won')"


@dataclass(frozen=True, slots=True)
class Parts:
    """What became of a payment. ``pending`` is what the provider was asked to give back and has not yet."""

    captured: int
    refunded: int
    pending: int
    withdrawn: int
    currency: str

    def __str__(self) -> str:
        return (
            f"{self.captured} {self.currency} captured, {self.refunded} refunded, {self.pending} on its way back,"
            f" {self.withdrawn} withdrawn"
        )


def sums(_at: datetime) -> list[Violation]:
    """P8, once quiet."""
    return [*_rows_without_payment(), *_refunds_against_ledger(), *_refunds_nobody_sends(), *_payments()]


def _rows_without_payment() -> list[Violation]:
    return found(
        "P8",
        "SELECT provider_id AS subject, kind || ' of ' || amount_cents || ' that is about no payment' AS what"
        f" FROM ledger_entry WHERE payment_id IS NULL AND kind IN {_BY_ITSELF}",
    )


def _refunds_against_ledger() -> list[Violation]:
    return found(
        "P8",
        "SELECT r.id AS subject, r.status || ', ledger says ' || coalesce(sum(l.amount_cents), 0) AS what"
        " FROM refund_request r LEFT JOIN ledger_entry l ON l.tenant_id = r.tenant_id AND l.refund_request_id = r.id"
        "  AND l.kind IN ('refund', 'refund_failed') AND l.payment_id = r.payment_id AND l.currency = r.currency"
        " GROUP BY r.id HAVING coalesce(sum(l.amount_cents), 0) <>"
        "  CASE WHEN r.status = 'COMPLETED' THEN -r.amount_cents ELSE 0 END",
    )


def _refunds_nobody_sends() -> list[Violation]:
    """A request may wait, for the end of an undo window say, but somebody must be going to send it."""
    return found(
        "P8",
        "SELECT r.id AS subject, 'waits to go back, and nothing is going to send it' AS what FROM refund_request r"
        " WHERE r.status = 'PENDING' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.subject_id = r.id"
        "  AND o.kind = 'refund.execute' AND o.status IN ('due', 'leased'))",
    )


def _payments() -> Iterator[Violation]:
    provider = Provider("P8")
    for payment in in_batches(f"{_PAYMENT} WHERE p.id > %s ORDER BY p.id"):
        fault = _fault(payment, provider)
        # What was written between our look and the provider's answer is no fault: look at both once more.
        if fault and (again := _fault(_payment(payment.id), provider)):
            yield Violation("P8", payment.intent, again)
    yield from provider.troubles()


def _payment(payment_id: UUID) -> database.Row:
    with everything():
        return database.row(f"{_PAYMENT} WHERE p.id = %s", payment_id)


def _fault(payment: database.Row, provider: Provider) -> str:
    """Why a payment's sums are not as they should be, or nothing."""
    if payment.captured != payment.amount_cents:
        return f"captured {payment.amount_cents}, ledger says {payment.captured}"
    if payment.refunded != payment.done:
        return f"refunded {payment.done}, ledger says {payment.refunded}"
    if not payment.is_one_currency:
        return f"captured in {payment.currency}, with rows of another currency in the ledger"
    if payment.done + payment.asked + payment.waiting > payment.amount_cents:
        return "more goes back than came in"
    here = Parts(payment.captured, payment.refunded, payment.asked, payment.withdrawn, payment.currency)
    try:
        there = provider.ask(payment.account, lambda stripe: _parts(stripe, payment.intent, payment.account))
    except (NotThere, Silent):
        return ""  # P9 speaks of the one, the provider's troubles of the other
    return "" if here == there else f"{here}; at the provider {there}"


def _parts(stripe: Gateway, intent_id: str, account: str | None) -> Parts:
    intent = stripe.fetch_intent(intent_id, account=account)
    refunds = stripe.refunds_of(intent_id, account=account)
    disputes = stripe.disputes_of(intent_id, account=account)
    return Parts(
        captured=intent.amount_received,
        refunded=sum(refund.amount_cents for refund in refunds if refund.status == "succeeded"),
        pending=sum(refund.amount_cents for refund in refunds if refund.status in {"pending", "requires_action"}),
        withdrawn=sum(dispute.withdrawn_cents for dispute in disputes),
        currency=intent.currency,
    )


def belongings(_at: datetime) -> list[Violation]:
    """P10, once quiet: a payment is a booking's when it pays its stages and the booking stands."""
    return found(
        "P10",
        "SELECT p.stripe_payment_intent_id AS subject, 'captured for ' || b.reference || ', which is ' || b.status"
        "  || CASE WHEN a.cents = p.amount_cents THEN '' ELSE ', and pays ' || a.cents || ' of its stages' END AS what"
        " FROM payment p JOIN booking b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS cents FROM payment_allocation"
        "  WHERE tenant_id = p.tenant_id AND payment_id = p.id) a"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS cents FROM refund_request"
        "  WHERE tenant_id = p.tenant_id AND payment_id = p.id AND status <> 'FAILED') r"
        " WHERE NOT (b.status IN ('confirmed', 'cancelling', 'cancelled', 'completed') AND a.cents = p.amount_cents)"
        "  AND r.cents < p.amount_cents AND NOT (b.needs_review AND b.review_reason <> '')",
    )
