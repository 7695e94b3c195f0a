"""Events that are missing, left over or on another day turn the checker red: P24, each with what could go wrong."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal.calendars import clearing
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.promises import calendars as promises
from tests.promises.conftest import Proof
from tests.support import google as elsewhere
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.google import Diary
from tests.support.sold import Sold

pytestmark = pytest.mark.slow
OURS = "UPDATE booking SET {} WHERE id = (SELECT id FROM booking ORDER BY id LIMIT 1)"
BOOKINGS = {
    "a booking was cancelled and its event stayed": (OURS.format("status = 'cancelled'"), "no confirmed booking"),
    "a booking was moved and its event stayed": (OURS.format("event_on = event_on + 40"), "an event is on"),
    "a booking became longer and its event stayed": (OURS.format("days = 2"), "an event is on"),
    "the calendar is another resource's": (
        (
            "INSERT INTO resource (id, tenant_id, name) SELECT gen_random_uuid(), id, 'Hall' FROM tenant;"
            "UPDATE calendar_connection SET resource_id = (SELECT id FROM resource WHERE name = 'Hall')"
        ),
        "no confirmed booking",
    ),
    "a calendar is only read and its events stayed": (
        "UPDATE calendar_connection SET has_bookings = false",
        "no confirmed booking",
    ),
    "an event of a removed calendar stayed": (
        "UPDATE calendar_connection SET ended_at = now()",
        "no confirmed booking",
    ),
}


@pytest.fixture
def google() -> Iterator[GoogleEmulator]:
    with elsewhere.running() as emulator:
        yield emulator


@pytest.fixture
def sales(proof: Proof, google: GoogleEmulator) -> tuple[Diary, list[Sold]]:
    """A calendar with the events of two bookings; a third was cancelled."""
    diary = elsewhere.connect(google, proof.shop)
    bookings = [sold.sell(proof.shop, event_on=in_half_a_year(proof.shop, plus=plus)) for plus in range(3)]
    assert elsewhere.work(proof.shop) == []
    elsewhere.cancel(proof.shop, bookings[2])
    assert elsewhere.work(proof.shop) == []
    assert len(diary.days()) == 2
    assert told() == []
    return diary, bookings


def told() -> list[str]:
    return [each.what for each in promises.equal(time.now())]


@pytest.mark.parametrize("mutant", BOOKINGS)
def test_an_event_that_no_booking_stands_behind_is_seen(
    proof: Proof, sales: tuple[Diary, list[Sold]], mutant: str
) -> None:
    statements, what = BOOKINGS[mutant]
    proof.tamper(*statements.split(";"))
    found = told()
    assert found
    assert all(what in each for each in found)


def test_a_lost_a_moved_and_a_left_over_event_are_seen(proof: Proof, sales: tuple[Diary, list[Sold]]) -> None:
    diary, (first, second, gone) = sales
    events = diary.google.calendars.all[diary.calendar_id].events
    lost, shifted = (events[diary.id.hex + each.booking_id.hex] for each in (first, second))
    lost["status"] = "cancelled"
    assert told() == ["a booking has no event"]
    lost["status"] = "confirmed"
    start, end = shifted["start"], shifted["end"]
    shifted["start"] = {"date": (in_half_a_year(proof.shop) + timedelta(days=90)).isoformat()}
    shifted["end"] = {"date": (in_half_a_year(proof.shop) + timedelta(days=91)).isoformat()}
    assert len(told()) == 1
    assert told()[0].startswith("an event is on")
    shifted["start"], shifted["end"] = (
        {"dateTime": f"{start['date']}T10:00:00Z"},
        {"dateTime": f"{end['date']}T10:00:00Z"},
    )
    assert told()[0].startswith("an event is on None")
    shifted["start"], shifted["end"] = start, end
    events[diary.id.hex + gone.booking_id.hex]["status"] = "confirmed"
    assert told() == ["an event has no confirmed booking"]


def test_a_copy_that_its_owner_made_is_none_of_ours(sales: tuple[Diary, list[Sold]]) -> None:
    diary, (first, *_) = sales
    events = diary.google.calendars.all[diary.calendar_id].events
    events["acopy"] = {**events[diary.id.hex + first.booking_id.hex], "id": "acopy"}
    assert told() == []


def test_a_calendar_that_lets_nobody_in_is_a_fault_until_its_owner_has_been_told(
    proof: Proof, sales: tuple[Diary, list[Sold]]
) -> None:
    diary, _ = sales
    diary.google.revoke(diary.email)
    assert told() == ["the calendar cannot be asked and its owner does not know: KeyRefused"]
    sold.sell(proof.shop, event_on=in_half_a_year(proof.shop, plus=9))
    assert elsewhere.work(proof.shop) == []
    assert told() == []
    proof.tamper("UPDATE message SET status = 'cancelled' WHERE kind = 'calendar_refused'")
    assert told() == ["no event can be entered and nobody was told"]


def test_after_a_removal_there_is_nothing_to_prove(proof: Proof, sales: tuple[Diary, list[Sold]]) -> None:
    diary, _ = sales
    clearing.end(proof.shop.id, diary.id, at=time.now())
    assert elsewhere.work(proof.shop) == []
    assert (told(), diary.days()) == ([], [])
