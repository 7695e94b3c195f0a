"""A booking as an iCalendar file (RFC 5545): whole days, so that no time zone can move the date.

The UID stays with the booking and SEQUENCE rises with its version, so that a calendar that has it already updates it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


class Certainty(StrEnum):
    """How sure the event is, in iCalendar's words."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """What goes into the calendar."""

    booking_id: UUID
    version: int
    event_on: date
    days: int
    certainty: Certainty
    summary: str
    location: str
    description: str
    url: str


def calendar(entry: Entry, *, at: datetime) -> bytes:
    """The file."""
    # Imported where it is needed: it costs a web process 0.15 s at its start, and few requests ask for a calendar.
    from icalendar import Calendar, Event  # noqa: PLC0415

    event = Event()
    event.add("uid", f"{entry.booking_id}@aisle")
    event.add("dtstamp", at)
    event.add("sequence", max(entry.version - 1, 0))
    event.add("dtstart", entry.event_on)
    event.add("dtend", entry.event_on + timedelta(days=entry.days))  # exclusive: the first day after
    event.add("summary", entry.summary)
    event.add("status", entry.certainty.value)
    event.add("transp", "OPAQUE")
    for name in ("location", "description", "url"):
        if text := getattr(entry, name):
            event.add(name, text)
    file = Calendar()
    file.add("prodid", "-//Aisle//Bookings//EN")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add_component(event)
    content: bytes = file.to_ical()
    return content
