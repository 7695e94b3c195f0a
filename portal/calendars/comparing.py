"""All our events in a connected calendar against the bookings, both ways; once a day and when something was mended.

Nothing is mended here but events of no booking at all: for whatever differs a look at that one event is owed, which
reads the booking again under its lease. So a booking that changes meanwhile is harmed by no old list.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.calendars import events, opening, owing, trouble
from portal.calendars.errors import GoogleError
from portal.calendars.google import CalendarEvent, FoundEvent, GoogleCalendar
from portal.db import database, outbox
from portal.db.tenancy import platform_scope

_EVERY = timedelta(days=1)
_AFTER_REFUSAL = timedelta(hours=1)
_AT_ONCE = 500


def owe_due(at: datetime) -> int:
    """Owe the daily look at every calendar of all tenants whose time has come; how many."""
    with database.reading(), platform_scope(reason="calendars of all tenants that are to be compared"):
        due = database.rows(
            "SELECT k.tenant_id, k.id FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id AND t.is_active"
            " WHERE k.kind = 'google' AND coalesce(k.next_compare_at, k.created_at) <= %s"
            " ORDER BY k.next_compare_at LIMIT %s",
            at,
            _AT_ONCE,
        )
    return sum(_owe(row.tenant_id, row.id, at) for row in due)


def compare(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Look at a calendar and owe what differs. Raises GoogleError when it must be tried later."""
    with database.reading(tenant_id):
        if not (_is_connected(tenant_id, connection_id) and events.may_hold_any(tenant_id, connection_id)):
            return
    try:
        calendar = opening.calendar(tenant_id, connection_id)
        found = calendar.ours(events.mark(connection_id))
        _take_out_strangers(tenant_id, connection_id, calendar, found)
    except GoogleError as error:
        if not error.is_final:
            raise
        trouble.refuse(tenant_id, connection_id, reason=error.reason, at=at)
        return
    _owe_what_differs(tenant_id, connection_id, found, at)


def _owe_what_differs(tenant_id: UUID, connection_id: UUID, found: list[FoundEvent], at: datetime) -> None:
    there = {each.id: _shape(each) for each in found}
    with database.writing(tenant_id):
        wanted = {each.id: _shape(each) for each in events.all_wanted(tenant_id, connection_id)}
        for event_id in {*there, *wanted}:
            booking_id = events.booking_of(connection_id, event_id)
            if booking_id and there.get(event_id) != wanted.get(event_id) and _exists(tenant_id, booking_id):
                owing.owe_further(booking_id, connection_id)
        database.execute(
            "UPDATE calendar_connection SET compared_at = %s WHERE tenant_id = %s AND id = %s",
            at,
            tenant_id,
            connection_id,
        )


def _take_out_strangers(
    tenant_id: UUID, connection_id: UUID, calendar: GoogleCalendar, found: list[FoundEvent]
) -> None:
    """Events of bookings that we do not know any more, as after the return to an older backup."""
    for each in found:
        booking_id = events.booking_of(connection_id, each.id)
        if booking_id is None:
            continue
        with database.reading(tenant_id):
            is_known = _exists(tenant_id, booking_id)
        if not is_known:
            calendar.delete_event(each.id)


def _shape(event: CalendarEvent | FoundEvent) -> tuple[object, ...]:
    """What must be the same. Its owner may write something else into an event, but not move it."""
    return event.version, event.first_on, event.last_on


def _exists(tenant_id: UUID, booking_id: UUID) -> bool:
    return bool(database.value("SELECT 1 FROM booking WHERE tenant_id = %s AND id = %s", tenant_id, booking_id))


def _is_connected(tenant_id: UUID, connection_id: UUID) -> bool:
    return bool(
        database.value(
            "SELECT 1 FROM calendar_connection WHERE tenant_id = %s AND id = %s AND kind = 'google'"
            " AND ended_at IS NULL",
            tenant_id,
            connection_id,
        )
    )


def _owe(tenant_id: UUID, connection_id: UUID, at: datetime) -> int:
    """Only one of several schedulers: the one that moves the time on."""
    with database.writing(tenant_id):
        row = database.row(
            "UPDATE calendar_connection SET next_compare_at = %s + CASE refusal WHEN '' THEN %s ELSE %s END"
            " WHERE tenant_id = %s AND id = %s AND coalesce(next_compare_at, created_at) <= %s RETURNING ended_at",
            at,
            _EVERY,
            _AFTER_REFUSAL,
            tenant_id,
            connection_id,
            at,
        )
        if row is None:
            return 0
        outbox.owe("calendar.clear" if row.ended_at else "calendar.compare", connection_id)
    return 1
