"""A calendar at Google whose owner wants its busy days and no bookings in it."""

from collections.abc import Iterator

import pytest

from portal.calendars import connections, errors, google_connecting, leasing, refreshing
from portal.calendars.google_connecting import Given
from portal.db import database
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.kernel.ids import uuid7
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.google import Diary, asked, diary, google, proven, sell, work
from tests.support.world import Business

__all__ = ["diary", "google"]


@pytest.fixture
def read_only(google: GoogleEmulator, shop: Business) -> Iterator[Diary]:
    """A calendar of which we are told times alone, and which is to be read alone."""
    made = elsewhere.connect(google, shop, role="freeBusyReader", has_bookings=False)
    google.calendars.all[made.calendar_id].zone = shop.tenant.timezone
    yield made
    elsewhere.forget(made)


def choose(diary: Diary, *, has_bookings: bool) -> None:
    """Its owner changes the choice; the key stays."""
    given = Given(diary.shop.resource_id, "", "", diary.calendar_id, is_whole_days_only=False)
    connected = google_connecting.connect(diary.shop.id, given._replace(has_bookings=has_bookings), at=time.now())
    assert connected == diary.id


def mails(diary: Diary) -> int:
    with database.reading(diary.shop.id):
        told: int = database.value("SELECT count(*) FROM message WHERE kind = 'calendar_refused'")
    return told


def test_it_blocks_its_days_gets_no_booking_and_nobody_is_warned(read_only: Diary) -> None:
    day = in_half_a_year(read_only.shop).isoformat()
    read_only.google.enter(read_only.calendar_id, f"{day}T10:00:00Z", f"{day}T12:00:00Z")
    assert work(read_only.shop) == []
    booking = sell(read_only, event_on=in_half_a_year(read_only.shop, plus=7))
    elsewhere.cancel(read_only.shop, booking)
    refreshing.refresh(read_only.shop.id, read_only.id, at=time.now())
    assert work(read_only.shop) == []
    row = read_only.row()
    assert (row.failure, row.refusal, row.may_write, mails(read_only)) == ("", "", False, 0)
    assert not any(asked(read_only, method) for method in ("POST", "DELETE"))
    with database.reading(read_only.shop.id):
        assert database.value("SELECT count(*) FROM external_busy") == 1
    assert proven(read_only) == []


def test_one_that_is_disconnected_goes_at_once(read_only: Diary) -> None:
    assert work(read_only.shop) == []
    connections.end(read_only.shop.id, read_only.id, at=time.now())
    assert work(read_only.shop) == []
    assert read_only.row() is None


def test_bookings_that_are_in_it_are_taken_out_and_put_back_as_its_owner_chooses(diary: Diary) -> None:
    booking = sell(diary)
    choose(diary, has_bookings=False)
    assert work(diary.shop) == []
    another = sell(diary, event_on=in_half_a_year(diary.shop, plus=1))
    assert (diary.event(booking), diary.event(another), proven(diary)) == (None, None, [])
    choose(diary, has_bookings=True)
    assert work(diary.shop) == []
    assert (diary.on(booking), diary.on(another)) == tuple(elsewhere.dates(diary.shop, b) for b in (booking, another))
    assert proven(diary) == []


def test_the_choice_ends_the_warning_that_nothing_can_be_entered(diary: Diary) -> None:
    diary.google.share(diary.calendar_id, "reader", diary.email)
    sell(diary)
    assert diary.row().refusal == errors.READ_ONLY
    choose(diary, has_bookings=False)
    assert work(diary.shop) == []
    refreshing.refresh(diary.shop.id, diary.id, at=time.now())
    assert (diary.row().refusal, mails(diary)) == ("", 1)


def test_what_cannot_be_taken_out_is_told(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.share(diary.calendar_id, "reader", diary.email)
    choose(diary, has_bookings=False)
    assert work(diary.shop) == []
    assert (diary.row().refusal, mails(diary)) == (errors.READ_ONLY, 1)
    diary.google.share(diary.calendar_id, "writer", diary.email)
    refreshing.refresh(diary.shop.id, diary.id, at=time.now())
    assert work(diary.shop) == []
    assert (diary.event(booking), diary.row().refusal, proven(diary)) == (None, "", [])


def test_an_event_that_is_on_its_way_when_the_choice_is_made_is_taken_out(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.clear(diary.calendar_id)
    there = leasing.begin(diary.shop.id, booking.booking_id, diary.id, uuid7(), is_further=True)
    assert there
    choose(diary, has_bookings=False)
    assert "calendar.sync" in " ".join(work(diary.shop))
    diary.google.enter(
        diary.calendar_id, "2030-01-01", "2030-01-02", id=there.event.id if there.event else "",
        extendedProperties={"private": {"aisle": diary.id.hex}},
    )  # fmt: skip
    with database.writing(diary.shop.id):
        assert leasing.end(there, "told = 'put'")
    assert work(diary.shop) == []
    assert (diary.event(booking), proven(diary)) == (None, [])
