"""A resource's diary for the owner: which days are taken, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.availability.states import ClaimKind
from portal.db import database


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """One taken day: a booking's, a blackout's with its note, or kept for who waited for it, until an instant."""

    on: date
    kind: ClaimKind
    reference: str | None
    couple: str | None
    package_name: str | None
    note: str | None
    waiting_name: str | None
    offer_ends_at: datetime | None


def diary(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> dict[date, DiaryDay]:
    """The taken days of a range."""
    found = database.rows(
        "SELECT c.claimed_on, c.kind, b.reference, b.couple, coalesce(b.package_name, p.name), d.note, w.name,"
        " w.offer_ends_at FROM date_claim c"
        " LEFT JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " LEFT JOIN blackout_date d ON d.tenant_id = c.tenant_id AND d.id = c.blackout_id"
        " LEFT JOIN waitlist_entry w ON w.tenant_id = c.tenant_id AND w.id = c.waitlist_id"
        " LEFT JOIN package p ON p.tenant_id = w.tenant_id AND p.id = w.package_id"
        " WHERE c.tenant_id = %s AND c.resource_id = %s AND c.claimed_on BETWEEN %s AND %s ORDER BY c.claimed_on",
        tenant_id,
        resource_id,
        first_on,
        last_on,
    )
    return {row.claimed_on: DiaryDay(row.claimed_on, ClaimKind(row.kind), *row[2:]) for row in found}
