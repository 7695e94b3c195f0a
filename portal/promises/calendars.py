"""P24: the events with our id in a connected calendar are the confirmed bookings of its resource, each on its days.

What an event's id is and who has one is worked out here anew. A calendar that does not let us in is no fault as long as
its owner has been told.
"""

from collections.abc import Iterator
from datetime import date, datetime

from portal.calendars import opening
from portal.calendars.errors import CalendarMissing, GoogleError
from portal.db import database
from portal.promises.violations import Violation, everything, in_batches

Days = tuple[date | None, date | None]
_CONNECTIONS = """
SELECT k.id, k.tenant_id, k.name, k.has_bookings, k.refusal, t.slug,
  k.ended_at IS NOT NULL OR EXISTS (SELECT 1 FROM message m WHERE m.tenant_id = k.tenant_id
  AND m.kind = 'calendar_refused' AND starts_with(m.slot, k.id::text)
  AND m.created_at >= k.refused_at AND m.status <> 'cancelled') AS was_told
FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id
WHERE k.kind = 'google'
"""
_CONFIRMED = """
SELECT replace(k.id::text || b.id::text, '-', '') AS event_id, b.event_on AS first_on,
  (b.event_on + b.days * interval '1 day' - interval '1 day')::date AS last_on
FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id
JOIN booking b ON b.tenant_id = k.tenant_id AND b.resource_id = k.resource_id
WHERE k.id = %s AND k.has_bookings AND k.ended_at IS NULL AND b.status IN ('confirmed', 'cancelling', 'completed')
  AND b.event_on + b.days > date(timezone(t.timezone, k.created_at))
"""


def equal(_at: datetime) -> list[Violation]:
    """P24, once quiet."""
    return list(_all())


def _all() -> Iterator[Violation]:
    for connection in in_batches(f"{_CONNECTIONS} AND k.id > %s ORDER BY k.id"):
        # What was written between our look and Google's answer is no fault: look at both once more.
        if _faults(connection):
            again = _again(connection)
            yield from _faults(again) if again else ()


def _again(connection: database.Row) -> database.Row | None:
    with everything():
        return database.row(f"{_CONNECTIONS} AND k.id = %s", connection.id)


def _faults(connection: database.Row) -> list[Violation]:
    subject = f"{connection.slug} {connection.name}"
    if connection.refusal:
        return [] if connection.was_told else [Violation("P24", subject, "no event can be entered and nobody was told")]
    try:
        there = _there(connection)
    except GoogleError as error:
        if not connection.has_bookings and isinstance(error, CalendarMissing):
            return []  # only times are told of it
        name = type(error).__name__
        return [Violation("P24", subject, f"the calendar cannot be asked and its owner does not know: {name}")]
    with everything():
        here = {row.event_id: (row.first_on, row.last_on) for row in database.rows(_CONFIRMED, connection.id)}
    told = [(each, "a booking has no event") for each in here.keys() - there.keys()]
    told += [(each, "an event has no confirmed booking") for each in there.keys() - here.keys()]
    told += [
        (each, f"an event is on {there[each][0]} and its booking on {here[each][0]}")
        for each in here.keys() & there.keys()
        if here[each] != there[each]
    ]
    return [Violation("P24", f"{subject} {event_id}", what) for event_id, what in sorted(told)]


def _there(connection: database.Row) -> dict[str, Days]:
    """Events with an id of ours; a copy that the owner made has another."""
    begins = connection.id.hex
    found = opening.calendar(connection.tenant_id, connection.id).ours(begins)
    return {each.id: (each.first_on, each.last_on) for each in found if each.id.startswith(begins)}
