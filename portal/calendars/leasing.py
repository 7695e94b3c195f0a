"""Who is at an event of a connected calendar: one worker at a time, by a lease of its row.

The lease belongs to an attempt of an effect; the effect's next attempt takes over at once, everybody else when it has
run out. The booking is read under it, and from then on nobody knows what the calendar will hold (``told`` is null).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from portal.calendars import events
from portal.calendars.google import CalendarEvent
from portal.db import database
from portal.kernel.errors import Busy
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

_LEASE = timedelta(minutes=1)
_AT_IT = N_("Somebody else is changing this right now. Please try again.")


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, by the holder of the lease alone."""

    tenant_id: UUID
    connection_id: UUID
    booking_id: UUID
    lease: UUID
    event: CalendarEvent | None


def begin(tenant_id: UUID, booking_id: UUID, connection_id: UUID, effect_id: UUID, *, is_further: bool) -> Work | None:
    """Take the lease and read the booking; None when there is nothing to do."""
    with database.writing(tenant_id):
        row = _lock(tenant_id, booking_id, connection_id, effect_id)
        if row is None:
            return None
        if row.is_taken:
            raise Busy(_AT_IT)
        event = events.wanted(tenant_id, connection_id, booking_id)
        if row.told == (event.version if event else "") and not is_further:
            return None
        work = Work(tenant_id, connection_id, booking_id, uuid4(), event)
        database.execute(
            "UPDATE calendar_event SET told = NULL, next_first_on = %s, next_last_on = %s, lease = %s,"
            " leased_for = %s, leased_until = clock_timestamp() + %s WHERE tenant_id = %s AND id = %s",
            event and event.first_on,
            event and event.last_on,
            work.lease,
            effect_id,
            _LEASE,
            tenant_id,
            row.id,
        )
    return work


def end(work: Work, changes: str, *params: object) -> bool:
    """Give the lease back; False when somebody else has taken over."""
    touched = database.execute(
        f"UPDATE calendar_event SET {changes}, lease = NULL, leased_for = NULL, leased_until = NULL"
        " WHERE tenant_id = %s AND connection_id = %s AND booking_id = %s AND lease = %s",
        *params,
        work.tenant_id,
        work.connection_id,
        work.booking_id,
        work.lease,
    )
    return touched == 1


def _lock(tenant_id: UUID, booking_id: UUID, connection_id: UUID, effect_id: UUID) -> database.Row | None:
    """The row of an event, made if it is the first time; None when the calendar is not connected any more."""
    database.execute(
        "INSERT INTO calendar_event (id, tenant_id, connection_id, booking_id)"
        " SELECT %s, k.tenant_id, k.id, b.id FROM calendar_connection k JOIN booking b ON b.tenant_id = k.tenant_id"
        " WHERE k.tenant_id = %s AND k.id = %s AND b.id = %s ON CONFLICT DO NOTHING",
        uuid7(),
        tenant_id,
        connection_id,
        booking_id,
    )
    return database.row(
        "SELECT id, told, coalesce(leased_until > clock_timestamp() AND leased_for <> %s, false) AS is_taken"
        " FROM calendar_event WHERE tenant_id = %s AND connection_id = %s AND booking_id = %s FOR UPDATE",
        effect_id,
        tenant_id,
        connection_id,
        booking_id,
    )
