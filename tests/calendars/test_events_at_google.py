"""Bookings are events in a connected calendar: made, moved and taken out with them, whatever Google does meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from portal.bookings.states import Actor
from portal.calendars import clearing, reading
from portal.db import database, outbox
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.lifecycle import undo
from tasks import relay
from tests.support import couples, leaving, shifting, sold, world
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.google import EVENTS, Diary, diary, google, proven, sell, work
from tests.support.world import Business

__all__ = ["diary", "google"]


def test_a_booking_is_an_event_on_its_days_and_tells_nothing_private(diary: Diary) -> None:
    diary.shop.package("three-days", days=3, buffer_days=1)
    booking = sell(diary, package_slug="three-days")
    day = in_half_a_year(diary.shop)
    assert diary.on(booking) == (day, day + timedelta(days=2))
    event = diary.event(booking)
    assert event
    assert event["summary"] == "Anna Smith & Ben Jones – Three days"
    assert booking.reference in event["description"]
    assert "@" not in str(event)
    assert "2000" not in str(event)
    assert proven(diary) == []


def test_a_hold_has_none(diary: Diary) -> None:
    couples.hold(diary.shop)
    assert work(diary.shop) == []
    assert diary.days() == []


def test_a_move_moves_it(diary: Diary) -> None:
    booking = sell(diary)
    shifting.moved(diary.shop, booking, shifting.later(diary.shop))
    assert work(diary.shop) == []
    assert diary.on(booking) == (shifting.later(diary.shop),) * 2
    assert proven(diary) == []


def test_a_cancellation_takes_it_out_once_it_cannot_be_undone(diary: Diary) -> None:
    booking = sell(diary)
    leaving.cancelling(diary.shop, booking)
    assert work(diary.shop) == []
    assert diary.on(booking)
    undo.undo(diary.shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    assert work(diary.shop) == []
    assert diary.on(booking)
    elsewhere.cancel(diary.shop, booking)
    assert work(diary.shop) == []
    assert diary.event(booking) is None
    assert proven(diary) == []


def test_connecting_brings_what_is_ahead_and_nothing_that_is_over(google: GoogleEmulator, shop: Business) -> None:
    ahead, over = sold.sell(shop), sold.sell(shop, event_on=in_half_a_year(shop, plus=1))
    with database.writing(shop.id):
        database.execute("UPDATE booking SET event_on = current_date - 9 WHERE id = %s", over.booking_id)
    diary = elsewhere.connect(google, shop)
    assert work(shop) == []
    assert diary.on(ahead)
    assert diary.event(over) is None
    assert proven(diary) == []
    elsewhere.forget(diary)


def test_each_calendar_has_the_bookings_of_its_own_resource(google: GoogleEmulator) -> None:
    shop = world.open_business(resources=("Hall", "Garden"))
    shop.package()
    shop.package("garden", resource=1)
    hall = elsewhere.connect(google, shop)
    garden = elsewhere.connect(google, shop, resource=1)
    inside, outside = sold.sell(shop), sold.sell(shop, package_slug="garden")
    assert work(shop) == []
    assert (bool(hall.event(inside)), bool(hall.event(outside))) == (True, False)
    assert (bool(garden.event(inside)), bool(garden.event(outside))) == (False, True)
    elsewhere.forget(hall, garden)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "trouble", ["lost answer", "trouble before", "trouble after", "too many", "quota", "no token", "no token answer"]
)
def test_whatever_google_does_there_is_one_event_or_none(diary: Diary, method: str, trouble: str) -> None:
    booking = sell(diary) if method != "POST" else None
    throw = {
        "lost answer": lambda: diary.google.drop_answers(method, EVENTS, times=2),
        "trouble before": lambda: diary.google.fail_next(method, EVENTS, status=500, times=2),
        "trouble after": lambda: diary.google.fail_next(method, EVENTS, status=503, times=2, is_after_work=True),
        "too many": lambda: diary.google.fail_next(method, EVENTS, status=429, times=2),
        "quota": lambda: diary.google.fail_next(method, EVENTS, status=403, reason="rateLimitExceeded", times=2),
        "no token": lambda: diary.google.fail_next("POST", "/token", status=500, times=2),
        "no token answer": lambda: diary.google.drop_answers("POST", "/token", times=2),
    }
    throw[trouble]()
    if booking is None:
        booking = sold.sell(diary.shop)
    elif method == "PATCH":
        shifting.moved(diary.shop, booking, shifting.later(diary.shop))
    else:
        elsewhere.cancel(diary.shop, booking)
    assert work(diary.shop) == []
    expected = None if method == "DELETE" else elsewhere.dates(diary.shop, booking)
    assert diary.on(booking) == expected
    assert work(diary.shop, at=time.now() + elsewhere.LATER) == []
    assert diary.on(booking) == expected
    assert proven(diary) == []


def test_another_business_can_end_nothing(diary: Diary, rival: Business) -> None:
    with pytest.raises(NotFound):
        clearing.end(rival.id, diary.id, at=time.now())
    with pytest.raises(NotFound):
        clearing.leave(rival.id, diary.id)
    sell(diary)
    with database.writing(rival.id):
        outbox.owe("calendar.compare", diary.id)
        outbox.owe("calendar.clear", diary.id)
    assert work(rival) == []
    assert len(diary.days()) == 1


def test_an_event_that_is_right_is_left_alone(diary: Diary) -> None:
    booking = sell(diary)
    before = len(diary.google.calls)
    with database.writing(diary.shop.id):
        effect_id = outbox.owe("calendar.sync", booking.booking_id, payload={"connection_id": str(diary.id)})
    assert effect_id
    assert relay.answer(effect_id)
    assert len(diary.google.calls) == before


def busy_days(diary: Diary) -> list[Any]:
    assert work(diary.shop) == []
    with database.writing(diary.shop.id):
        outbox.owe("calendar.refresh", diary.id)
    assert work(diary.shop) == []
    with database.reading(diary.shop.id):
        found = database.rows("SELECT busy_on FROM external_busy WHERE connection_id = %s ORDER BY 1", diary.id)
    return [row.busy_on for row in found]


def test_what_we_entered_ourselves_makes_no_day_busy(diary: Diary) -> None:
    booking, day = sell(diary), in_half_a_year(diary.shop)
    diary.google.enter(diary.calendar_id, f"{day - timedelta(days=1)}T20:00:00Z", f"{day}T09:00:00Z")
    assert busy_days(diary) == [day - timedelta(days=1)]
    elsewhere.cancel(diary.shop, booking)
    assert busy_days(diary) == [day - timedelta(days=1), day]


def test_a_calendar_that_is_read_by_its_address_too_does_not_block_what_we_entered(diary: Diary) -> None:
    booking = sell(diary)
    event, day = diary.event(booking), in_half_a_year(diary.shop)
    assert event
    days: dict[str, Any] = {"first_on": day, "last_on": day, "timezone": "UTC", "is_whole_days_only": False}
    for uid, busy in ((f"{event['id']}@google.com", set()), (f"{booking.booking_id.hex}@google.com", {day})):
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Google Inc//Google Calendar//EN", "BEGIN:VEVENT"]
        lines += [f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", "END:VEVENT"]
        assert reading.read("\r\n".join([*lines, "END:VCALENDAR", ""]).encode(), **days).days == busy
