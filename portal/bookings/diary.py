"""A resource's diary for the owner: which days are taken, and by whom."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.availability.states import ClaimKind
from portal.db import database


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """One taken day: a booking's, or a blackout's with its note."""

    on: date
    kind: ClaimKind
    reference: str | None
    couple: str | None
    package_name: str | None
    note: str | None


def diary(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> dict[date, DiaryDay]:
    """The taken days of a range."""
    found = database.rows(
        "SELECT c.claimed_on, c.kind, b.reference, b.couple, b.package_name, d.note FROM date_claim c"
        " LEFT JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " LEFT JOIN blackout_date d ON d.tenant_id = c.tenant_id AND d.id = c.blackout_id"
        " WHERE c.tenant_id = %s AND c.resource_id = %s AND c.claimed_on BETWEEN %s AND %s ORDER BY c.claimed_on",
        tenant_id,
        resource_id,
        first_on,
        last_on,
    )
    return {row.claimed_on: DiaryDay(row.claimed_on, ClaimKind(row.kind), *row[2:]) for row in found}
