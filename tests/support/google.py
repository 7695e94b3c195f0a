"""A Google of the test's own, a calendar there that a business has connected, and a worker's hands for what follows."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal import settings
from portal.bookings import queries
from portal.calendars import connections, google_connecting
from portal.calendars.google_connecting import Given
from portal.db import database
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle.finish import finish
from portal.lifecycle.hold import Held
from portal.promises import calendars as promises
from tasks import pace, relay
from tasks.pace import Pace
from tests.support import leaving, sold
from tests.support.sold import Sold
from tests.support.world import Business

EVENTS = "/calendar/v3/calendars/*/events*"
# When a call that got no answer is looked after.
LATER = timedelta(minutes=10)
# There is no Stripe here.
AT_STRIPE = ["booking.end_sessions", "booking.finish_cancelling", "refund.execute", "invoice.render"]


@dataclass
class Diary:
    """A calendar at Google and the business that has connected it."""

    google: GoogleEmulator
    shop: Business
    calendar_id: str
    email: str
    id: UUID

    def days(self) -> list[tuple[date, date]]:
        """First and last day of every event."""
        events = self.google.events(self.calendar_id)
        return sorted((_day(each, "start"), _day(each, "end") - timedelta(days=1)) for each in events)

    def event(self, booking: Held | Sold) -> dict[str, Any] | None:
        """The event of a booking, if it has one."""
        told = [each for each in self.google.events(self.calendar_id) if each["id"].endswith(booking.booking_id.hex)]
        assert len(told) <= 1
        return told[0] if told else None

    def on(self, booking: Held | Sold) -> tuple[date, date] | None:
        """The days of its event."""
        event = self.event(booking)
        return (_day(event, "start"), _day(event, "end") - timedelta(days=1)) if event else None

    def row(self) -> Any:
        """The connection as it is stored; None when it is gone."""
        with database.reading(self.shop.id):
            return database.row("SELECT * FROM calendar_connection WHERE id = %s", self.id)


@contextmanager
def running() -> Iterator[GoogleEmulator]:
    """An emulator that this process and its workers ask, and effects that are tried again at once."""
    before, before_pace = settings.current(), pace.current()
    with GoogleEmulator() as google:
        settings.install(replace(before, google_api_base=google.base_url))
        pace.install(Pace(first_delay=0, longest_delay=0))
        try:
            yield google
        finally:
            settings.install(before)
            pace.install(before_pace)


def connect(
    google: GoogleEmulator, shop: Business, *, resource: int = 0, role: str = "writer", has_bookings: bool = True
) -> Diary:
    """A new calendar, shared with an account of its own, and connected."""
    name = uuid7().hex
    calendar_id, email = f"{name}@group.calendar.google.com", f"{name}@emulated.iam.gserviceaccount.com"
    google.make_calendar(calendar_id)
    google.share(calendar_id, role, email)
    key, resource_id = google.make_key(email), shop.resource_ids[resource]
    given = Given(resource_id, "At Google", key, calendar_id, is_whole_days_only=False, has_bookings=has_bookings)
    return _connected(google, shop, email, given)


def connect_again(diary: Diary) -> Diary:
    """The same calendar with a new key."""
    key = diary.google.make_key(diary.email)
    given = Given(diary.shop.resource_id, "At Google", key, diary.calendar_id, is_whole_days_only=False)
    return _connected(diary.google, diary.shop, diary.email, given)


def forget(*diaries: Diary) -> None:
    """Leave nothing behind that would ask an emulator which has ended."""
    for diary in diaries:
        with database.writing(diary.shop.id):
            database.execute("DELETE FROM external_busy WHERE connection_id = %s", diary.id)
            database.execute("DELETE FROM calendar_connection WHERE id = %s", diary.id)


def work(shop: Business, *, at: datetime | None = None, rounds: int = 20) -> list[str]:
    """Carry out what a business owes until nothing is due; the errors of what still is after so many rounds."""
    with time.frozen(at) if at else nullcontext():
        for _ in range(rounds):
            found = due(shop, time.now())
            if not found:
                break
            for row in found:
                relay.answer(row.id)
        return [f"{row.kind}: {row.last_error}" for row in due(shop, time.now())]


def cancel(shop: Business, booking: Held | Sold) -> None:
    """A couple gives its booking up, and the time to undo it passes."""
    leaving.cancelling(shop, booking)
    assert finish(shop.id, booking.booking_id, at=time.now() + leaving.WINDOW)


def dates(shop: Business, booking: Held | Sold) -> tuple[date, date]:
    """The days that a booking has."""
    with database.reading(shop.id):
        view = queries.by_id(shop.id, booking.booking_id)
    return view.event_on, view.event_on + timedelta(days=view.days - 1)


def _connected(google: GoogleEmulator, shop: Business, email: str, given: Given) -> Diary:
    return Diary(google, shop, given.calendar_id, email, google_connecting.connect(shop.id, given, at=time.now()))


def due(shop: Business, at: datetime | None = None) -> list[Any]:
    """What a business owes."""
    with database.reading(shop.id):
        return database.rows(
            "SELECT id, kind, last_error FROM outbox WHERE tenant_id = %s AND status = 'due' AND due_at <= %s"
            " AND NOT kind = ANY (%s) ORDER BY created_at, id",
            shop.id,
            at or time.now(),
            AT_STRIPE,
        )


def _day(event: dict[str, Any], name: str) -> date:
    return date.fromisoformat(event[name]["date"])


@pytest.fixture
def google() -> Iterator[GoogleEmulator]:
    """A Google that this process asks."""
    with running() as emulator:
        yield emulator


@pytest.fixture
def diary(google: GoogleEmulator, shop: Business) -> Iterator[Diary]:
    """A calendar that a business has connected."""
    made = connect(google, shop)
    assert work(shop) == []
    yield made
    forget(made)


def proven(diary: Diary) -> list[str]:
    """What P24 finds wrong about this calendar."""
    return [each.what for each in promises.equal(time.now()) if each.subject.startswith(diary.shop.slug)]


def sell(diary: Diary, **wish: Any) -> Sold:
    """A confirmed booking, and all that follows."""
    booking = sold.sell(diary.shop, **wish)
    assert work(diary.shop) == []
    return booking


def owed(shop: Business) -> list[tuple[str, str]]:
    """What is owed to calendars and not done: kind and status."""
    with database.reading(shop.id):
        found = database.rows("SELECT kind, status FROM outbox WHERE kind LIKE 'calendar%%' AND status <> 'done'")
        return [(row.kind, row.status) for row in found]


def asked(diary: Diary, method: str) -> bool:
    """Whether Google has been called like this about an event of the calendar."""
    return any(each == method and diary.calendar_id in path for each, path in diary.google.calls)


def end(diary: Diary) -> None:
    """Its owner removes the calendar."""
    connections.end(diary.shop.id, diary.id, at=time.now())
