"""The event that a booking should have in a connected calendar. Reads and decides; writes nothing and asks nobody.

What is sold has one, also while a cancellation may still be undone: its day is taken until then. A booking whose last
day had passed when the calendar was connected has none, and in a calendar that is only to be read there are none.
Whoever sees the calendar sees the event, so it holds no way to reach the couple, no note and no price.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from portal import settings
from portal.bookings.states import BookingStatus
from portal.calendars.google import CalendarEvent
from portal.db import database

_FORMAT = b"1"  # raised when the same booking comes to have another event
_HAVE_ONE = [BookingStatus.CONFIRMED, BookingStatus.CANCELLING, BookingStatus.COMPLETED]
_WANTED = """
SELECT b.id, b.reference, b.event_on AS first_on, b.event_on + (b.days - 1) AS last_on, b.couple, b.package_name,
  b.venue
FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id
JOIN booking b ON b.tenant_id = k.tenant_id AND b.resource_id = k.resource_id AND b.status = ANY (%s)
  AND b.event_on + (b.days - 1) >= (k.created_at AT TIME ZONE t.timezone)::date
WHERE k.tenant_id = %s AND k.id = %s AND k.has_bookings AND k.ended_at IS NULL
"""
# Of ``calendar_event e``: it was put there, a call for it got no answer, or somebody is or was last seen at it.
MAY_BE_THERE = "e.told IS DISTINCT FROM '' AND num_nonnulls(e.first_on, e.unsure_at, e.leased_until) > 0"


def event_id(connection_id: UUID, booking_id: UUID) -> str:
    """Ours from the beginning, so that an answer which was lost leaves no second event."""
    return connection_id.hex + booking_id.hex


def mark(connection_id: UUID) -> str:
    """What all events of a connection carry."""
    return connection_id.hex


def booking_of(connection_id: UUID, found_id: str) -> UUID | None:
    """Whose event it is; None for one with another id, such as a copy that its owner made."""
    try:
        booking_id = UUID(found_id.removeprefix(connection_id.hex))
    except ValueError:
        return None
    return booking_id if found_id == event_id(connection_id, booking_id) else None


def wanted(tenant_id: UUID, connection_id: UUID, booking_id: UUID) -> CalendarEvent | None:
    """The event that a booking should have now, if any."""
    row = database.row(f"{_WANTED} AND b.id = %s", _HAVE_ONE, tenant_id, connection_id, booking_id)
    return _event(connection_id, row) if row else None


def all_wanted(tenant_id: UUID, connection_id: UUID) -> Iterator[CalendarEvent]:
    """Every event that a calendar should have now."""
    for row in database.rows(_WANTED, _HAVE_ONE, tenant_id, connection_id):
        yield _event(connection_id, row)


def may_hold_any(tenant_id: UUID, connection_id: UUID) -> bool:
    """Whether bookings are to be entered into a calendar at Google, or some may be in it still."""
    return bool(
        database.value(
            "SELECT 1 FROM calendar_connection k WHERE k.tenant_id = %s AND k.id = %s AND (k.has_bookings OR EXISTS"
            " (SELECT 1 FROM calendar_event e WHERE e.tenant_id = k.tenant_id AND e.connection_id = k.id"
            f"   AND {MAY_BE_THERE}))",
            tenant_id,
            connection_id,
        )
    )


def days_entered(tenant_id: UUID, connection_id: UUID) -> set[tuple[date, date]]:
    """First and last days of all our events that the same calendar may hold, those on their way included."""
    found = database.rows(
        "SELECT e.first_on, e.last_on, e.next_first_on, e.next_last_on FROM calendar_connection asked"
        " JOIN calendar_connection k ON k.tenant_id = asked.tenant_id AND k.calendar_id = asked.calendar_id"
        " JOIN calendar_event e ON e.tenant_id = k.tenant_id AND e.connection_id = k.id"
        " WHERE asked.tenant_id = %s AND asked.id = %s AND (e.first_on IS NOT NULL OR e.next_first_on IS NOT NULL)",
        tenant_id,
        connection_id,
    )
    both = {(row.first_on, row.last_on) for row in found} | {(row.next_first_on, row.next_last_on) for row in found}
    return both - {(None, None)}


def _event(connection_id: UUID, row: database.Row) -> CalendarEvent:
    texts = {
        "summary": f"{row.couple} – {row.package_name}",
        "location": row.venue,
        "description": f"{row.reference}\n{settings.current().base_url}/dashboard/bookings/{row.reference}",
    }
    told = hashlib.sha256(_FORMAT)
    for each in (row.first_on.isoformat(), row.last_on.isoformat(), *texts.values()):
        told.update(each.encode() + b"\0")
    return CalendarEvent(
        id=event_id(connection_id, row.id),
        mark=mark(connection_id),
        version=told.hexdigest()[:32],
        first_on=row.first_on,
        last_on=row.last_on,
        **texts,
    )
