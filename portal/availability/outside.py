"""Days on which a calendar elsewhere says that the business is busy. They block what is new and take nothing.

Law: an outside busy day is no claim. A booking, a kept change or a waiting couple's offer may not take it; what has the
day already keeps it. New ones are written under the locks of their days, so whoever is taking such a day at the same
moment comes wholly before or wholly after.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.availability import locks, waitlist_bell
from portal.availability.claims import Place
from portal.db import database, outbox
from portal.kernel.ids import uuid7

_AT_ONCE = 200  # each day is one lock, and PostgreSQL's lock table is shared by all


@dataclass(frozen=True, slots=True)
class Clash:
    """A day of a booking that is busy elsewhere, and the names of the calendars that say so."""

    on: date
    calendars: str


def busy(tenant_id: UUID, places: Iterable[Place]) -> set[date]:
    """Those of these days that are busy elsewhere; the caller has locked them."""
    wanted = list(places)
    found = database.rows(
        "SELECT busy_on FROM external_busy WHERE tenant_id = %s"
        " AND (resource_id, busy_on) IN (SELECT * FROM unnest(%s::uuid[], %s::date[]))",
        tenant_id,
        [place.resource_id for place in wanted],
        [place.day for place in wanted],
    )
    return {row.busy_on for row in found}


def clashes(tenant_id: UUID, booking_id: UUID) -> list[Clash]:
    """The days of a booking, but those after it that are kept free, which are busy elsewhere."""
    found = database.rows(
        "SELECT x.busy_on, string_agg(DISTINCT k.name, ', ' ORDER BY k.name) AS calendars FROM date_claim c"
        " JOIN external_busy x ON x.tenant_id = c.tenant_id AND x.resource_id = c.resource_id"
        "  AND x.busy_on = c.claimed_on"
        " JOIN calendar_connection k ON k.tenant_id = x.tenant_id AND k.id = x.connection_id"
        " WHERE c.tenant_id = %s AND c.booking_id = %s AND c.kind IN ('event', 'hold')"
        " GROUP BY x.busy_on ORDER BY x.busy_on",
        tenant_id,
        booking_id,
    )
    return [Clash(*row) for row in found]


def replace(tenant_id: UUID, *, connection_id: UUID, resource_id: UUID, days: Collection[date]) -> None:
    """Make these the busy days of a connection. In several transactions: each day stands for itself."""
    with database.writing(tenant_id):
        before = _days_of(tenant_id, connection_id)
    new = sorted(set(days) - before)
    for start in range(0, len(new), _AT_ONCE):
        _insert(tenant_id, connection_id, resource_id, new[start : start + _AT_ONCE])
    _free(tenant_id, connection_id, resource_id, before - set(days))


def forget(tenant_id: UUID, *, connection_id: UUID, resource_id: UUID) -> None:
    """Free all busy days of a connection."""
    with database.writing(tenant_id):
        _free(tenant_id, connection_id, resource_id, _days_of(tenant_id, connection_id))


def _days_of(tenant_id: UUID, connection_id: UUID) -> set[date]:
    found = database.rows(
        "SELECT busy_on FROM external_busy WHERE tenant_id = %s AND connection_id = %s", tenant_id, connection_id
    )
    return {row.busy_on for row in found}


def _insert(tenant_id: UUID, connection_id: UUID, resource_id: UUID, days: list[date]) -> None:
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, [Place(resource_id, day) for day in days])
        # Nothing for a connection that was removed meanwhile; one that is just being removed is waited for.
        database.execute(
            "INSERT INTO external_busy (id, tenant_id, connection_id, resource_id, busy_on)"
            " SELECT new.id, k.tenant_id, k.id, %s, new.day FROM unnest(%s::uuid[], %s::date[]) AS new (id, day)"
            " JOIN calendar_connection k ON k.tenant_id = %s AND k.id = %s AND k.ended_at IS NULL"
            " FOR SHARE OF k ON CONFLICT DO NOTHING",
            resource_id,
            [uuid7() for _ in days],
            days,
            tenant_id,
            connection_id,
        )
        _warn(tenant_id, resource_id, days)


def _warn(tenant_id: UUID, resource_id: UUID, days: list[date]) -> None:
    """Bookings that have these days already stand, and somebody has to hear of it."""
    found = database.rows(
        "SELECT DISTINCT booking_id FROM date_claim WHERE tenant_id = %s AND resource_id = %s"
        " AND claimed_on = ANY (%s) AND kind IN ('event', 'hold') AND booking_id IS NOT NULL",
        tenant_id,
        resource_id,
        days,
    )
    for row in found:
        outbox.owe("booking.busy_outside", row.booking_id)


def _free(tenant_id: UUID, connection_id: UUID, resource_id: UUID, days: Collection[date]) -> None:
    if not days:
        return
    with database.writing(tenant_id):
        database.execute(
            "DELETE FROM external_busy WHERE tenant_id = %s AND connection_id = %s AND busy_on = ANY (%s)",
            tenant_id,
            connection_id,
            list(days),
        )
        waitlist_bell.ring(tenant_id, [Place(resource_id, day) for day in sorted(days)])
