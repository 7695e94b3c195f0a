"""A booking as an iCalendar file (RFC 5545): whole days, so that no time zone can move the date.

The UID stays with the booking and SEQUENCE rises with its version, so that a calendar that has it already updates it.
Written here and read by other parsers in the tests: a library takes a millisecond an entry, and a feed has thousands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
PRODUCT = "-//Aisle//Bookings//EN"
UID_DOMAIN = "@aisle"
_REFRESH = "PT1H"
_LONGEST = 75
_WITHIN = range(0b1000_0000, 0b1100_0000)  # octets of UTF-8 that do not begin a character
_DROPPED = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])  # controls but tab and line feed


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
    """The file of one booking."""
    return _file([], [_event(entry, at)])


def feed(name: str, entries: Iterable[tuple[Entry, datetime]]) -> bytes:
    """A calendar to subscribe: entries, each with the instant of its last change."""
    # RFC 7986, and the names that came before it: Apple and Outlook read either.
    own = [
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{_REFRESH}",
        f"X-PUBLISHED-TTL:{_REFRESH}",
    ]
    return _file(own, [_event(entry, changed_at) for entry, changed_at in entries])


def _event(entry: Entry, at: datetime) -> list[str]:
    is_cancelled = entry.certainty is Certainty.CANCELLED
    texts = {"LOCATION": entry.location, "DESCRIPTION": entry.description}
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.booking_id}{UID_DOMAIN}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{max(entry.version - 1, 0)}",
        f"DTSTART;VALUE=DATE:{entry.event_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.event_on + timedelta(days=entry.days):%Y%m%d}",  # exclusive: the first day after
        f"SUMMARY:{_text(entry.summary)}",
        f"STATUS:{entry.certainty}",
        f"TRANSP:{'TRANSPARENT' if is_cancelled else 'OPAQUE'}",
        *(f"{name}:{_text(text)}" for name, text in texts.items() if text),
        *([f"URL:{entry.url}"] if entry.url else []),
        "END:VEVENT",
    ]


def _file(own: list[str], events: list[list[str]]) -> bytes:
    head = ["BEGIN:VCALENDAR", f"PRODID:{PRODUCT}", "VERSION:2.0", "METHOD:PUBLISH", *own]
    lines = [*head, *(line for event in events for line in event), "END:VCALENDAR", ""]
    return b"\r\n".join(_folded(line) for line in lines)


def _text(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11), without controls, which may not stand in one."""
    plain = text.replace("\r\n", "\n").translate(_DROPPED)
    for char in "\\;,":
        plain = plain.replace(char, f"\\{char}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, none of which cuts a character (RFC 5545, 3.1)."""
    rest = line.encode()
    if len(rest) <= _LONGEST:
        return rest
    pieces = []
    while len(rest) > _LONGEST:
        end = _LONGEST
        while rest[end] in _WITHIN:
            end -= 1
        pieces.append(rest[:end])
        rest = b" " + rest[end:]
    return b"\r\n".join([*pieces, rest])
