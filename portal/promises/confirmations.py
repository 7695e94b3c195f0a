"""P12: a booking is confirmed, and a stage paid, only by money that equals what was sold: in amount, currency, account
and mode, here and at the provider. What was sold is the checkout as it was committed before anybody could pay.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.payments import gateway
from portal.payments.gateway import NotThere, Session
from portal.promises.provider import Provider, Silent
from portal.promises.violations import Violation, everything, found, in_batches

# Payments that pay for something, each beside its sale.
_PAYMENT = """
SELECT p.id, b.reference, b.currency AS booked, p.stripe_payment_intent_id AS intent, p.stripe_account_id AS account,
  p.amount_cents, p.currency, c.amount_cents AS sold_cents, c.currency AS sold_currency,
  c.stripe_account_id AS sold_on, c.stripe_checkout_session_id AS session, a.is_as_sold
FROM payment p JOIN checkout c ON c.tenant_id = p.tenant_id AND c.id = p.checkout_id
JOIN booking b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id
CROSS JOIN LATERAL (SELECT count(*) AS paid, bool_and(x.amount_cents IS NOT DISTINCT FROM s.amount_cents
    AND t.booking_id = c.booking_id) AND p.booking_id = c.booking_id
    AND count(*) = (SELECT count(*) FROM checkout_stage WHERE tenant_id = c.tenant_id AND checkout_id = c.id)
    AND sum(x.amount_cents) = c.amount_cents AS is_as_sold
  FROM payment_allocation x
  JOIN booking_payment_stage t ON t.tenant_id = x.tenant_id AND t.id = x.stage_id
  LEFT JOIN checkout_stage s ON s.tenant_id = x.tenant_id AND s.checkout_id = c.id AND s.stage_id = x.stage_id
  WHERE x.tenant_id = p.tenant_id AND x.payment_id = p.id) a
WHERE a.paid > 0
"""


def equal(_at: datetime) -> list[Violation]:
    """P12, always."""
    provider = Provider("P12")
    return [*_confirmed_by_nothing(), *_payments(provider), *provider.troubles()]


def _confirmed_by_nothing() -> list[Violation]:
    return found(
        "P12",
        "SELECT b.reference AS subject, 'was confirmed by a payment, and no payment pays any of its stages' AS what"
        " FROM booking b WHERE EXISTS (SELECT 1 FROM booking_event e WHERE e.tenant_id = b.tenant_id"
        "   AND e.booking_id = b.id AND e.kind = 'confirmed' AND e.actor = 'stripe')"
        " AND NOT EXISTS (SELECT 1 FROM payment p JOIN payment_allocation a ON a.tenant_id = p.tenant_id"
        "   AND a.payment_id = p.id WHERE p.tenant_id = b.tenant_id AND p.booking_id = b.id)",
    )


def _payments(provider: Provider) -> Iterator[Violation]:
    for payment in in_batches(f"{_PAYMENT} AND p.id > %s ORDER BY p.id"):
        # What was written between our look and the provider's answer is no fault: look at both once more.
        if _faults(payment, provider):
            for what in _faults(_payment(payment.id), provider):
                yield Violation("P12", payment.reference, f"{payment.intent} {what}")


def _payment(payment_id: UUID) -> database.Row | None:
    with everything():
        return database.row(f"{_PAYMENT} AND p.id = %s", payment_id)


def _faults(payment: database.Row | None, provider: Provider) -> list[str]:
    return [] if payment is None else [*_here(payment), *_there(payment, provider)]


def _here(payment: database.Row) -> Iterator[str]:
    if payment.amount_cents != payment.sold_cents:
        yield f"is {payment.amount_cents} and pays for {payment.sold_cents}"
    if not payment.is_as_sold:
        yield "does not pay the stages that were sold"
    if not payment.currency == payment.sold_currency == payment.booked:
        yield f"is in {payment.currency}, sold in {payment.sold_currency} and booked in {payment.booked}"
    if payment.account != payment.sold_on:
        yield f"came on {payment.account or 'our account'} and was sold on {payment.sold_on or 'our account'}"


def _there(payment: database.Row, provider: Provider) -> Iterator[str]:
    try:
        session = provider.ask(
            payment.sold_on, lambda stripe: stripe.fetch_session(payment.session, account=payment.sold_on)
        )
    except NotThere:
        yield "was paid in a session that the account it was sold on does not know"
        return
    except Silent:
        return  # the provider's troubles speak of it
    yield from _of_session(payment, session)


def _of_session(payment: database.Row, session: Session) -> Iterator[str]:
    intent = session.intent
    if intent is None or intent.id != payment.intent:
        yield "was not paid in the session of its sale"
        return
    if not session.amount_total == intent.amount_received == payment.sold_cents:
        yield f"is {intent.amount_received} at the provider and pays for {payment.sold_cents}"
    if not session.currency == intent.currency == payment.sold_currency:
        yield f"is in {intent.currency} at the provider and pays for {payment.sold_currency}"
    if not session.is_live == intent.is_live == gateway.current().is_live:
        yield f"is {'real' if intent.is_live else 'test'} money"
