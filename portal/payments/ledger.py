"""The ledger: signed amounts that are only ever added, each once per kind and id of the provider's.

Amounts are from the booking's point of view; fees are the platform's share. A correction is an opposite row.
"""

from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.payments.models import LedgerEntry
from portal.payments.states import LedgerKind


def enter(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    kind: LedgerKind,
    amount_cents: int,
    currency: str,
    provider_id: str,
    at: datetime,
    payment_id: UUID | None = None,
    refund_request_id: UUID | None = None,
) -> bool:
    """Add a row unless it stands there already; whether it is new. Nothing is entered for an amount of zero."""
    if amount_cents == 0:
        return False
    with database.writing(tenant_id):
        added = (
            LedgerEntry.insert(
                tenant_id=tenant_id, booking_id=booking_id, payment_id=payment_id, refund_request_id=refund_request_id,
                kind=kind, amount_cents=amount_cents, currency=currency, provider_id=provider_id, occurred_at=at,
            )
            .on_conflict(
                action="IGNORE",
                conflict_target=[LedgerEntry.tenant_id, LedgerEntry.kind, LedgerEntry.provider_id],
            )
            .as_rowcount()
            .execute()
        )  # fmt: skip
        return bool(added)


def total(tenant_id: UUID, payment_id: UUID, *kinds: LedgerKind) -> int:
    """What the rows of these kinds about a payment add up to."""
    return int(
        database.value(
            "SELECT coalesce(sum(amount_cents), 0) FROM ledger_entry"
            " WHERE tenant_id = %s AND payment_id = %s AND kind = ANY(%s)",
            tenant_id,
            payment_id,
            list(kinds),
        )
    )
