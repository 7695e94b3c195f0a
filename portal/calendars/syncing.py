"""One booking's event in one connected calendar: put there, moved or taken out, whatever the booking needs now.

Law: one worker at a time is at an event, by a lease of its row, and it reads the booking under that lease. So a
cancellation that overtakes a creation finds it leased and comes again; a creation that comes after the cancellation
reads that there is nothing to create. Before a call nobody knows what the calendar will hold (``told`` is null), and
after it only the worker that still has the lease says so. One that lost it meanwhile, or whose answer never came, owes
a further look, for its call may arrive after those of others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portal.calendars import events, opening, trouble
from portal.calendars.errors import GoogleError, UnknownOutcome
from portal.calendars.google import CalendarEvent, GoogleCalendar
from portal.db import database, outbox
from portal.kernel import failpoints
from portal.kernel.errors import Busy
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

SETTLED = timedelta(minutes=5)  # a call that is still on its way by then will not arrive
_LEASE = timedelta(minutes=1)
_AT_IT = N_("Somebody else is changing this right now. Please try again.")


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done, by the holder of the lease alone."""

    tenant_id: UUID
    connection_id: UUID
    booking_id: UUID
    lease: UUID
    event: CalendarEvent | None


def owe(booking_id: UUID, connection_id: UUID) -> None:
    """Owe a look at one event, within the open transaction."""
    outbox.owe("calendar.sync", booking_id, payload={"connection_id": str(connection_id)})


def owe_further(
    booking_id: UUID, connection_id: UUID, *, dedupe_key: str | None = None, due_at: datetime | None = None
) -> None:
    """Owe a look at an event of which nobody is sure what the calendar holds, within the open transaction."""
    payload = {"connection_id": str(connection_id), "is_further": True}
    outbox.owe("calendar.sync", booking_id, payload=payload, dedupe_key=dedupe_key, due_at=due_at)


def keep_up(tenant_id: UUID, booking_id: UUID) -> None:
    """Something happened to a booking: owe a look at its event in each calendar that has or should have one."""
    with database.writing(tenant_id):
        for row in database.rows(
            "SELECT k.id FROM calendar_connection k JOIN booking b ON b.tenant_id = k.tenant_id AND b.id = %s"
            " WHERE k.tenant_id = %s AND k.kind = 'google' AND k.ended_at IS NULL AND (b.resource_id = k.resource_id"
            "  OR EXISTS (SELECT 1 FROM calendar_event e WHERE e.tenant_id = k.tenant_id AND e.connection_id = k.id"
            "   AND e.booking_id = b.id))",
            booking_id,
            tenant_id,
        ):
            owe(booking_id, row.id)


def sync(
    tenant_id: UUID, booking_id: UUID, *, connection_id: UUID, effect_id: UUID, at: datetime, is_further: bool = False
) -> None:
    """Let the calendar hold what the booking needs now. Raises Busy or GoogleError when it must be tried later.

    ``effect_id`` names who asks: its next attempt takes over at once. ``is_further``: what we know may be wrong.
    """
    work = _begin(tenant_id, booking_id, connection_id, effect_id, is_further=is_further)
    if work is None:
        return
    try:
        calendar = opening.calendar(tenant_id, connection_id)
        failpoints.reach("calendar.before_call")
        _act(calendar, work)
        failpoints.reach("calendar.after_call")
    except GoogleError as error:
        _give_up(work, error, at)
        if not error.is_final:
            raise
        trouble.refuse(tenant_id, connection_id, reason=error.reason, at=at)
    else:
        _record(work)


def _begin(
    tenant_id: UUID, booking_id: UUID, connection_id: UUID, effect_id: UUID, *, is_further: bool
) -> _Work | None:
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
        work = _Work(tenant_id, connection_id, booking_id, uuid4(), event)
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


def _act(calendar: GoogleCalendar, work: _Work) -> None:
    if work.event:
        calendar.put_event(work.event)
    else:
        calendar.delete_event(events.event_id(work.connection_id, work.booking_id))


def _record(work: _Work) -> None:
    """The calendar holds what it was told, unless somebody else has taken over: then nobody knows."""
    event = work.event
    with database.writing(work.tenant_id):
        is_ours = _end(
            work,
            "told = %s, first_on = %s, last_on = %s, next_first_on = NULL, next_last_on = NULL",
            event.version if event else "",
            event and event.first_on,
            event and event.last_on,
        )
        if not is_ours:
            owe_further(work.booking_id, work.connection_id)
        trouble.recover(work.tenant_id, work.connection_id)


def _give_up(work: _Work, error: GoogleError, at: datetime) -> None:
    """Let others at it. A call without an answer may still arrive there: look again once it cannot any more."""
    with database.writing(work.tenant_id):
        if not isinstance(error, UnknownOutcome):
            _end(work, "told = NULL")
            return
        _end(work, "unsure_at = %s", at)
        # One look for all such calls of some minutes.
        number = int(at.timestamp() // SETTLED.total_seconds()) + 2
        due_at = datetime.fromtimestamp(number * SETTLED.total_seconds(), at.tzinfo)
        key = f"calendar.sync:{work.connection_id}:{work.booking_id}:{number}"
        owe_further(work.booking_id, work.connection_id, dedupe_key=key, due_at=due_at)


def _end(work: _Work, changes: str, *params: object) -> bool:
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
