"""P8: every cent of a payment is kept, refunded or on its way back, here as at the provider. P9: no orphan on
either side. P10: captured money belongs to a booking that stands, or goes back, or waits for a person.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.db import database
from portal.payments import gateway
from portal.promises.violations import Violation, everything, found

LOOK_BACK = timedelta(days=30)  # how long Stripe lists events: https://docs.stripe.com/api/events
_PAGE = 100
_GOING_BACK = ("PENDING", "PROCESSING")


def sums(_at: datetime) -> list[Violation]:
    """P8, once quiet."""
    return [*_ledger_against_rows(), *_ledger_against_provider()]


def _ledger_against_rows() -> list[Violation]:
    amounts = found(
        "P8",
        "SELECT p.stripe_payment_intent_id AS subject, 'captured ' || p.amount_cents || ', ledger says '"
        "  || coalesce(sum(l.amount_cents), 0) AS what"
        " FROM payment p LEFT JOIN ledger_entry l ON l.tenant_id = p.tenant_id AND l.payment_id ="
        " p.id AND l.kind = 'capture'"
        " GROUP BY p.id HAVING coalesce(sum(l.amount_cents), 0) <> p.amount_cents"
        "  OR bool_or(l.currency <> p.currency)",
    )
    too_much = found(
        "P8",
        "SELECT p.stripe_payment_intent_id AS subject, 'more goes back than came in' AS what FROM payment p"
        " JOIN refund_request r ON r.tenant_id = p.tenant_id AND r.payment_id = p.id AND r.status <> 'FAILED'"
        " GROUP BY p.id HAVING sum(r.amount_cents) > p.amount_cents",
    )
    refunds = found(
        "P8",
        "SELECT r.id::text AS subject, r.status || ', ledger says ' || coalesce(sum(l.amount_cents), 0) AS what"
        " FROM refund_request r LEFT JOIN ledger_entry l ON l.tenant_id = r.tenant_id AND l.refund_request_id = r.id"
        "  AND l.kind IN ('refund', 'refund_failed')"
        " GROUP BY r.id HAVING coalesce(sum(l.amount_cents), 0) <>"
        "  CASE WHEN r.status = 'COMPLETED' THEN -r.amount_cents ELSE 0 END",
    )
    return [*amounts, *too_much, *refunds]


def _ledger_against_provider() -> Iterator[Violation]:
    with everything():
        payments = database.rows(
            "SELECT p.stripe_payment_intent_id AS intent, p.stripe_account_id AS account, p.amount_cents,"
            "  coalesce(sum(r.amount_cents) FILTER (WHERE r.status = 'COMPLETED'), 0) AS refunded,"
            "  coalesce(sum(r.amount_cents) FILTER (WHERE r.status = ANY (%s)), 0) AS going_back"
            " FROM payment p LEFT JOIN refund_request r ON r.tenant_id = p.tenant_id AND"
            " r.payment_id = p.id GROUP BY p.id",
            list(_GOING_BACK),
        )
    provider = gateway.current()
    for payment in payments:
        try:
            intent = provider.fetch_intent(payment.intent, account=payment.account)
            refunds = provider.refunds_of(payment.intent, account=payment.account)
        except gateway.NotThere:
            continue  # P9 speaks of it
        if intent.amount_received != payment.amount_cents:
            yield Violation(
                "P8", payment.intent, f"captured {payment.amount_cents} here, {intent.amount_received} at the provider"
            )
        done = sum(refund.amount_cents for refund in refunds if refund.status == "succeeded")
        pending = sum(refund.amount_cents for refund in refunds if refund.status in {"pending", "requires_action"})
        if done != payment.refunded or pending > payment.going_back:
            here = f"{payment.refunded} refunded and {payment.going_back} pending here"
            yield Violation("P8", payment.intent, f"{here}, {done} and {pending} at the provider")


def orphans(at: datetime) -> list[Violation]:
    """P9, once quiet: ours without theirs, and theirs without ours."""
    return [*_ours_without_theirs(), *_theirs_without_ours(at)]


def _ours_without_theirs() -> Iterator[Violation]:
    with everything():
        payments = database.rows("SELECT stripe_payment_intent_id AS intent, stripe_account_id AS account FROM payment")
    for payment in payments:
        try:
            gateway.current().fetch_intent(payment.intent, account=payment.account)
        except gateway.NotThere:
            yield Violation("P9", payment.intent, "a payment here that the provider does not know")


def _theirs_without_ours(at: datetime) -> Iterator[Violation]:
    with everything():
        accounts = [
            None,
            *database.rows("SELECT DISTINCT stripe_account_id AS id FROM checkout WHERE stripe_account_id <> ''"),
        ]
        intents = {row.id for row in database.rows("SELECT stripe_payment_intent_id AS id FROM payment")}
        refunds = {row.id for row in database.rows("SELECT stripe_refund_id AS id FROM refund_request")}
        checkouts = {str(row.id) for row in database.rows("SELECT id FROM checkout")}
    for account in accounts:
        account_id = account.id if account else None
        for event in _events(account_id, at):
            if event.type == "payment_intent.succeeded":
                if event.named.get("checkout") in checkouts and event.object_id not in intents:
                    yield Violation("P9", event.object_id, "a payment at the provider without a row here")
            elif event.object_id not in refunds and _is_of(event, intents, account_id):
                yield Violation("P9", event.object_id, "a refund at the provider without a request here")


def _is_of(event: gateway.Event, intents: set[str], account: str | None) -> bool:
    return gateway.current().intent_of_refund(event.object_id, account=account) in intents


def _events(account: str | None, at: datetime) -> Iterator[gateway.Event]:
    until, seen = at + timedelta(minutes=1), set[str]()
    while True:
        page = gateway.current().events(
            account=account,
            types=("payment_intent.succeeded", "refund.created"),
            since=at - LOOK_BACK,
            until=until,
            limit=_PAGE,
        )
        fresh = [event for event in page if event.id not in seen]
        yield from fresh
        if len(page) < _PAGE or not fresh:
            return
        seen.update(event.id for event in fresh)
        until = page[-1].created_at


def belongings(_at: datetime) -> list[Violation]:
    """P10, once quiet."""
    return found(
        "P10",
        "SELECT p.stripe_payment_intent_id AS subject, 'captured for ' || b.reference || ', which"
        " is ' || b.status AS what"
        " FROM payment p JOIN booking b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id"
        " LEFT JOIN refund_request r ON r.tenant_id = p.tenant_id AND r.payment_id = p.id AND r.status <> 'FAILED'"
        " WHERE NOT b.needs_review GROUP BY p.id, b.reference, b.status"
        " HAVING b.status NOT IN ('confirmed', 'cancelling', 'cancelled', 'completed')"
        "  AND coalesce(sum(r.amount_cents), 0) < p.amount_cents",
    )
