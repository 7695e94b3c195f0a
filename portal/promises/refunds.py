"""P13: no more goes back than came in, less what a dispute took for good, and none starts while a dispute is open.
P14: a refund request is at most one refund at the provider, found by our id in its metadata, and was there first.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database
from portal.payments import disputes
from portal.payments.gateway import NotThere, ProviderDispute, ProviderRefund
from portal.promises.provider import Provider, Silent
from portal.promises.violations import Violation, everything, in_batches

Faults = Callable[[database.Row, Provider], Iterator[str]]
_SECOND = timedelta(seconds=1)  # the provider tells whole seconds
_LOST = "lost"
_PAYMENT = """
SELECT p.id, p.stripe_payment_intent_id AS intent, p.stripe_account_id AS account, p.amount_cents, p.currency,
  (SELECT coalesce(sum(amount_cents), 0)::bigint FROM refund_request r WHERE r.tenant_id = p.tenant_id
    AND r.payment_id = p.id AND r.status IN ('PENDING', 'PROCESSING', 'COMPLETED')) AS going
FROM payment p
"""
_WITH_REFUNDS = "EXISTS (SELECT 1 FROM refund_request r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id)"


@dataclass(frozen=True, slots=True)
class Request:
    """A refund request as our row has it."""

    amount_cents: int
    currency: str
    stripe_refund_id: str | None
    requested_at: datetime


def limits(_at: datetime) -> list[Violation]:
    """P13, always."""
    return list(_checked("P13", _beyond_the_limit))


def matches(_at: datetime) -> list[Violation]:
    """P14, once quiet."""
    return list(_checked("P14", _unmatched))


def _checked(promise: str, faults: Faults) -> Iterator[Violation]:
    provider = Provider(promise)
    for payment in in_batches(f"{_PAYMENT} WHERE {_WITH_REFUNDS} AND p.id > %s ORDER BY p.id"):
        # What was written between our look and the provider's answer is no fault: look at both once more.
        if _told(payment, provider, faults):
            for what in _told(_payment(payment.id), provider, faults):
                yield Violation(promise, payment.intent, what)
    yield from provider.troubles()


def _told(payment: database.Row, provider: Provider, faults: Faults) -> list[str]:
    try:
        return list(faults(payment, provider))
    except (NotThere, Silent):
        return []  # P9 speaks of the one, the provider's troubles of the other


def _payment(payment_id: UUID) -> database.Row:
    with everything():
        return database.row(f"{_PAYMENT} WHERE p.id = %s", payment_id)


def _beyond_the_limit(payment: database.Row, provider: Provider) -> Iterator[str]:
    taken = _disputes(payment, provider)
    lost = sum(dispute.withdrawn_cents for dispute in taken if dispute.status == _LOST)
    if payment.going > payment.amount_cents - lost:
        yield f"{payment.going} goes back of {payment.amount_cents}, of which {lost} was lost in disputes"
    open_since = [dispute.opened_at for dispute in taken if disputes.is_open(dispute)]
    if open_since:
        for refund in _refunds(payment, provider):
            if refund.metadata.get("refund_request") and refund.created_at > min(open_since):
                yield f"{refund.id} was made while a dispute was open"


def _unmatched(payment: database.Row, provider: Provider) -> Iterator[str]:
    ours = [refund for refund in _refunds(payment, provider) if refund.metadata.get("refund_request")]
    requests = _requests(payment.id)
    for key, count in Counter(refund.metadata["refund_request"] for refund in ours).items():
        if count > 1:
            yield f"request {key} is {count} refunds at the provider"
    for refund in ours:
        request = requests.get(refund.metadata["refund_request"])
        if request is None:
            yield f"{refund.id} names a request that is not there"
        elif request.stripe_refund_id != refund.id:
            yield f"{refund.id} is of a request that knows {request.stripe_refund_id or 'no refund'}"
        elif (request.amount_cents, request.currency) != (refund.amount_cents, refund.currency):
            yield f"{refund.id} gives {refund.amount_cents} {refund.currency}, asked were {request.amount_cents}"
        elif request.requested_at >= refund.created_at + _SECOND:
            yield f"{refund.id} is older than its request"


def _disputes(payment: database.Row, provider: Provider) -> list[ProviderDispute]:
    found = provider.ask(payment.account, lambda at: at.disputes_of(payment.intent, account=payment.account))
    return list(found)


def _refunds(payment: database.Row, provider: Provider) -> list[ProviderRefund]:
    found = provider.ask(payment.account, lambda at: at.refunds_of(payment.intent, account=payment.account))
    return list(found)


def _requests(payment_id: UUID) -> dict[str, Request]:
    with everything():
        found = database.rows(
            "SELECT id, amount_cents, currency, stripe_refund_id, requested_at FROM refund_request"
            " WHERE payment_id = %s",
            payment_id,
        )
    return {str(row.id): Request(*row[1:]) for row in found}
