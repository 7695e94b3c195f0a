"""What the ledger says of a dispute, for the notice of it. What Stripe says of it is taken over by ``payments``."""

from dataclasses import dataclass
from uuid import UUID

from portal.db import database


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that a couple's bank takes back. Nothing was withdrawn when the bank only asks."""

    id: str
    withdrawn_cents: int
    is_won: bool


def told(tenant_id: UUID, booking_id: UUID, dispute_id: str) -> Dispute:
    """How it stands by our books."""
    found = database.rows(
        "SELECT kind, amount_cents FROM ledger_entry WHERE tenant_id = %s AND booking_id = %s AND provider_id = %s"
        " AND kind IN ('dispute', 'dispute_won')",
        tenant_id,
        booking_id,
        dispute_id,
    )
    cents = {row.kind: int(row.amount_cents) for row in found}
    return Dispute(dispute_id, -cents.get("dispute", 0), "dispute_won" in cents)
