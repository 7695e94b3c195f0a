"""P5: an event is on the same calendar day in form, database, mail, calendar file and calendar, whatever time zone the
server lives in.

Each of them is made as it is for people, on servers at both ends of the world, and read back. What a day has to look
like is asked of Babel, not of our own functions.
"""

import os
import re
import time as clock
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from datetime import date, datetime, timedelta
from html import unescape
from typing import Protocol
from uuid import UUID

from babel.dates import format_date

from portal.db import database
from portal.messages import composing, facts, minting
from portal.messages.facts import MessageView
from portal.messages.mail import Mail
from portal.messages.states import Audience, MessageKind, MessageStatus
from portal.promises.violations import Violation, everything, found

_ENDS_OF_THE_WORLD = ("Etc/GMT+12", "Pacific/Kiritimati")
_EACH = 2  # bookings of a tenant in each state
_MOST = 40
_NOBODY = UUID(int=0)
_IN_FILE = re.compile(r"DTSTART;VALUE=DATE:(\d{8}).*?DTEND;VALUE=DATE:(\d{8})", re.DOTALL)
_BOOKINGS = """
SELECT b.id, b.tenant_id, b.reference, b.days, to_char(b.event_on, 'YYYY-MM-DD') AS day, t.slug, t.locale,
  p.slug AS package, p.is_active, (SELECT k.id FROM booking_action_token k WHERE k.tenant_id = b.tenant_id
    AND k.booking_id = b.id AND k.action IN ('manage', 'browser') AND k.revoked_at IS NULL AND k.used_at IS NULL
    AND k.expires_at > %s AND NOT EXISTS (SELECT 1 FROM checkout c WHERE c.tenant_id = b.tenant_id
      AND c.booking_id = b.id AND c.status IN ('creating', 'open', 'processing')) LIMIT 1) AS token_id
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id, status ORDER BY id DESC) AS number FROM booking
  WHERE status IN ('confirmed', 'cancelling', 'completed')) b
JOIN tenant t ON t.id = b.tenant_id JOIN package p ON p.tenant_id = b.tenant_id AND p.id = b.package_id
WHERE b.number <= %s AND t.is_active ORDER BY b.id DESC LIMIT %s
"""


class Readers(Protocol):
    """Browsers of people: a function that asks for an address and tells the text of the answer."""

    def reader(self, token_ids: list[UUID]) -> AbstractContextManager[Callable[[str], str]]:
        """Somebody who has opened these links and no other."""


def same(readers: Readers, at: datetime) -> list[Violation]:
    """P5, always."""
    with everything():
        bookings = database.rows(_BOOKINGS, at, _EACH, _MOST)
    told: dict[Violation, None] = {}
    for zone in _ENDS_OF_THE_WORLD:
        with _server_in(zone):
            for booking in bookings:
                # Outside of any request's or command's context, so that each look makes one of its own.
                told.update(dict.fromkeys(Context().run(_elsewhere, booking, readers, at)))
    return [*_no_dates(), *_moved_elsewhere(), *told]


@contextmanager
def _server_in(zone: str) -> Iterator[None]:
    """This process with the clock of another place."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    clock.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        clock.tzset()


def _no_dates() -> list[Violation]:
    """Calendar dates that the database would turn with a time zone."""
    return found(
        "P5",
        "SELECT c.oid::regclass || '.' || a.attname AS subject, 'is ' || format_type(a.atttypid, NULL) AS what"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attname LIKE '%%\\_on'"
        " AND a.atttypid <> 'date'::regtype",
    )


def _moved_elsewhere() -> list[Violation]:
    """Bookings that are not on the day which their last move has told."""
    return found(
        "P5",
        "SELECT b.reference AS subject, 'moved to ' || (e.details -> 'event_on' ->> 1) || ' and is on ' || b.event_on"
        "  AS what FROM booking b CROSS JOIN LATERAL (SELECT details FROM booking_event WHERE tenant_id = b.tenant_id"
        "   AND booking_id = b.id AND kind = 'moved' ORDER BY sequence DESC LIMIT 1) e"
        " WHERE (e.details -> 'event_on' ->> 1)::date <> b.event_on",
    )


def _elsewhere(booking: database.Row, readers: Readers, at: datetime) -> list[Violation]:
    """Where a booking is on another day than in the database."""
    return [Violation("P5", booking.reference, what) for what in _seen(booking, readers, at)]


def _seen(booking: database.Row, readers: Readers, at: datetime) -> Iterator[str]:
    on = date.fromisoformat(booking.day)
    full, long = (_plain(format_date(on, style, locale=booking.locale)) for style in ("full", "long"))
    mail = _mail(booking, at)
    for name, text in (("mail", mail.text), ("mail's page", mail.html)):
        if full not in _plain(text) and long not in _plain(text):
            yield f"is on {booking.day}, which its {name} does not say"
    attached = b"".join(each.content for each in mail.attachments).decode()
    yield from _in_file("mail's calendar file", attached, booking, on)
    with readers.reader([booking.token_id] if booking.token_id else []) as read:
        if booking.is_active and on > at.date() + timedelta(days=1):  # what is past is neither sold nor shown
            yield from _on_pages(booking, read, on, full)
        if booking.token_id:
            if full not in _plain(read(f"/manage/{booking.reference}")):
                yield f"is on {booking.day}, which its page does not say"
            yield from _in_file("calendar file", read(f"/manage/{booking.reference}/calendar.ics"), booking, on)


def _plain(text: str) -> str:
    """Text without HTML's ways of writing, and with the first of a month as Babel writes it."""
    return unescape(text).replace("1er ", "1 ")


def _mail(booking: database.Row, at: datetime) -> Mail:
    """The confirmation as it would leave now, with no link in it and for nobody."""
    about = MessageView(
        _NOBODY,
        booking.id,
        MessageKind.CONFIRMATION,
        "",
        "nobody@aisle.example",
        Audience.COUPLE,
        MessageStatus.DUE,
        "",
    )
    with database.reading(booking.tenant_id):
        known = facts.gather(booking.tenant_id, about, at=at)
    return composing.compose(known, minting.Links(), at=at)


def _in_file(name: str, text: str, booking: database.Row, on: date) -> Iterator[str]:
    wanted = (f"{on:%Y%m%d}", f"{on + timedelta(days=booking.days):%Y%m%d}")
    match = _IN_FILE.search(text)
    if match is None or match.groups() != wanted:
        yield f"is on {booking.day}, and its {name} says {' to '.join(match.groups()) if match else 'nothing'}"


def _on_pages(booking: database.Row, read: Callable[[str], str], on: date, full: str) -> Iterator[str]:
    """The form for this day, and the month in which it is taken."""
    form = read(f"/t/{booking.slug}/book/{booking.package}?date={booking.day}")
    if f'value="{on:%Y-%m-%d}"' not in form:
        yield f"is on {booking.day}, which the form for that day does not say"
    month = _plain(read(f"/t/{booking.slug}/packages/{booking.package}?month={on:%Y-%m}"))
    cell = month.rfind('class="day ', 0, max(month.find(f'<span class="hidden">{full},'), 0))
    if cell < 0 or month[cell:].startswith(('class="day free', 'class="day not_startable')):
        yield f"is on {booking.day}, which the calendar does not show as taken"
