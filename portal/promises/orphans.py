"""P9: no orphan on either side. A payment here has an intent there and the other way round, and so have refunds."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from portal.db import database
from portal.payments.gateway import Event, Gateway, NotThere
from portal.promises.provider import Provider, Silent
from portal.promises.violations import Violation, everything, in_batches

LOOK_BACK = timedelta(days=30)  # how long Stripe lists events: https://docs.stripe.com/api/events
_PAGE = 500
_SECOND = timedelta(seconds=1)
_PAYMENT = """
SELECT p.id, p.stripe_payment_intent_id AS intent, p.stripe_account_id AS account,
  ARRAY(SELECT stripe_refund_id FROM refund_request r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id
    AND stripe_refund_id IS NOT NULL) AS refunds
FROM payment p
"""


def orphans(at: datetime) -> list[Violation]:
    """P9, once quiet."""
    provider = Provider("P9")
    return [*_of_payments(provider), *_intents_without_row(at, provider), *provider.troubles()]


def _of_payments(provider: Provider) -> Iterator[Violation]:
    for payment in in_batches(f"{_PAYMENT} WHERE p.id > %s ORDER BY p.id"):
        # What was written between our look and the provider's answer is no fault: look at both once more.
        if _faults(payment, provider):
            yield from _faults(_payment(payment.id), provider)


def _payment(payment_id: UUID) -> database.Row:
    with everything():
        return database.row(f"{_PAYMENT} WHERE p.id = %s", payment_id)


def _faults(payment: database.Row, provider: Provider) -> list[Violation]:
    try:
        status, refunds = provider.ask(payment.account, lambda stripe: _known(stripe, payment.intent, payment.account))
    except NotThere:
        return [Violation("P9", payment.intent, "a payment here that the provider does not know")]
    except Silent:
        return []
    here = set(payment.refunds)
    faults = [Violation("P9", each, "a refund at the provider without a request here") for each in refunds - here]
    faults += [Violation("P9", each, "a refund here that the provider does not know") for each in here - refunds]
    if status != "succeeded":
        faults.append(Violation("P9", payment.intent, f"a payment here that is {status} at the provider"))
    return sorted(faults, key=str)


def _known(stripe: Gateway, intent_id: str, account: str | None) -> tuple[str, set[str]]:
    intent = stripe.fetch_intent(intent_id, account=account)
    return intent.status, {refund.id for refund in stripe.refunds_of(intent_id, account=account)}


def _intents_without_row(at: datetime, provider: Provider) -> Iterator[Violation]:
    """What was paid at the provider for a checkout of ours, as far back as events are listed."""
    for account in _accounts():
        unknown = {intent_id for page in _succeeded(account, at, provider) for intent_id in _unknown(page)}
        for intent_id in sorted(unknown):
            yield Violation("P9", intent_id, "a payment at the provider without a row here")


def _accounts() -> list[str | None]:
    with everything():
        named = database.rows(
            "SELECT stripe_account_id AS id FROM tenant WHERE stripe_account_id IS NOT NULL"
            " UNION SELECT stripe_account_id FROM checkout WHERE stripe_account_id IS NOT NULL ORDER BY id"
        )
    return [None, *(row.id for row in named)]


def _succeeded(account: str | None, at: datetime, provider: Provider) -> Iterator[list[Event]]:
    """Pages of events, the newest first; each begins with the second in which the one before it ended."""
    until, size = at + timedelta(minutes=1), _PAGE
    while True:
        try:
            page = provider.ask(account, partial(_events, account=account, at=at, until=until, limit=size))
        except (NotThere, Silent):
            return
        yield page
        if len(page) < size:
            return
        ended = page[-1].created_at + _SECOND
        size = _PAGE if ended < until else 2 * size  # a single second had more than a page
        until = ended


def _events(stripe: Gateway, *, account: str | None, at: datetime, until: datetime, limit: int) -> list[Event]:
    types = ("payment_intent.succeeded",)
    return list(stripe.events(account=account, types=types, since=at - LOOK_BACK, until=until, limit=limit))


def _unknown(events: Iterable[Event]) -> list[str]:
    """Those intents that name a checkout of ours and have no payment."""
    named = {event.object_id: _uuid(event.named.get("checkout", "")) for event in events}
    with everything():
        return [
            row.intent
            for row in database.rows(
                "SELECT told.intent FROM unnest(%s::text[], %s::uuid[]) AS told (intent, checkout_id)"
                " JOIN checkout c ON c.id = told.checkout_id"
                " WHERE NOT EXISTS (SELECT 1 FROM payment p WHERE p.stripe_payment_intent_id = told.intent)",
                list(named),
                list(named.values()),
            )
        ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
