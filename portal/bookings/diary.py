"""A resource's diary for the owner: which days are taken, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.availability.states import ClaimKind
from portal.db import database


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """One taken day: a booking's, a blackout's with its note, or kept for who waited for it, until an instant.

    ``elsewhere`` names the calendars that say busy on that day; a day may be taken by nothing else.
    """

    on: date
    kind: ClaimKind
    reference: str | None
    couple: str | None
    package_name: str | None
    note: str | None
    waiting_name: str | None
    offer_ends_at: datetime | None
    elsewhere: str | None = None


def diary(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> dict[date, DiaryDay]:
    """The taken days of a range."""
    found = database.rows(
        "SELECT day.claimed_on, coalesce(c.kind, 'outside') AS kind, b.reference, b.couple,"
        " coalesce(b.package_name, p.name) AS package_name, d.note, w.name,"
        " w.offer_ends_at, (SELECT string_agg(DISTINCT k.name, ', ' ORDER BY k.name) FROM external_busy x"
        "   JOIN calendar_connection k ON k.tenant_id = x.tenant_id AND k.id = x.connection_id"
        "   WHERE x.tenant_id = day.tenant_id AND x.resource_id = day.resource_id AND x.busy_on = day.claimed_on)"
        "   AS elsewhere"
        " FROM (SELECT tenant_id, resource_id, claimed_on FROM date_claim"
        "   UNION SELECT tenant_id, resource_id, busy_on FROM external_busy) day"
        " LEFT JOIN date_claim c ON c.tenant_id = day.tenant_id AND c.resource_id = day.resource_id"
        "   AND c.claimed_on = day.claimed_on"
        " LEFT JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " LEFT JOIN blackout_date d ON d.tenant_id = c.tenant_id AND d.id = c.blackout_id"
        " LEFT JOIN waitlist_entry w ON w.tenant_id = c.tenant_id AND w.id = c.waitlist_id"
        " LEFT JOIN package p ON p.tenant_id = w.tenant_id AND p.id = w.package_id"
        " WHERE day.tenant_id = %s AND day.resource_id = %s AND day.claimed_on BETWEEN %s AND %s"
        " ORDER BY day.claimed_on",
        tenant_id,
        resource_id,
        first_on,
        last_on,
    )
    return {row.claimed_on: DiaryDay(row.claimed_on, ClaimKind(row.kind), *row[2:]) for row in found}
