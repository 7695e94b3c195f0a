"""Bookings are events in a connected calendar: made, moved and taken out with them, whatever Google does meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.bookings.states import Actor
from portal.calendars import clearing, comparing, reading, trouble
from portal.db import database, outbox
from portal.devtools.google_emulator import GoogleEmulator
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.lifecycle import undo
from portal.promises import calendars as promises
from tasks import pace, relay
from tests.support import couples, leaving, shifting, sold, world
from tests.support import google as elsewhere
from tests.support.couples import in_half_a_year
from tests.support.google import Diary, work
from tests.support.site import eventually
from tests.support.world import Business

EVENTS = "/calendar/v3/calendars/*/events*"


@pytest.fixture
def google() -> Iterator[GoogleEmulator]:
    with elsewhere.running() as emulator:
        yield emulator


@pytest.fixture
def diary(google: GoogleEmulator, shop: Business) -> Iterator[Diary]:
    diary = elsewhere.connect(google, shop)
    assert work(shop) == []
    yield diary
    elsewhere.forget(diary)


def proven(diary: Diary) -> list[str]:
    """What P24 finds wrong about this calendar."""
    return [each.what for each in promises.equal(time.now()) if each.subject.startswith(diary.shop.slug)]


def sell(diary: Diary, **wish: Any) -> Any:
    booking = sold.sell(diary.shop, **wish)
    assert work(diary.shop) == []
    return booking


def owed(shop: Business) -> list[tuple[str, str]]:
    with database.reading(shop.id):
        found = database.rows("SELECT kind, status FROM outbox WHERE kind LIKE 'calendar%%' AND status <> 'done'")
        return [(row.kind, row.status) for row in found]


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


def test_a_cancellation_that_overtakes_a_creation_leaves_nothing(diary: Diary) -> None:
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=1)
    with ThreadPoolExecutor(2) as workers:
        creating = workers.submit(work, diary.shop)
        eventually(lambda: ("POST", f"/calendar/v3/calendars/{diary.calendar_id}/events") in diary.google.calls)
        elsewhere.cancel(diary.shop, booking)
        assert workers.submit(work, diary.shop, rounds=10_000).result() == []
        creating.result()
    assert work(diary.shop) == []
    assert diary.event(booking) is None
    assert proven(diary) == []


def test_a_creation_that_arrives_after_the_deletion_is_found(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.calendars.opening.PATIENCE", 0.5)
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=2)
    assert work(diary.shop, rounds=2)
    elsewhere.cancel(diary.shop, booking)
    assert work(diary.shop) == []
    eventually(lambda: diary.event(booking), "the late creation")
    assert work(diary.shop, at=time.now() + elsewhere.LATER) == []
    assert diary.event(booking) is None
    assert proven(diary) == []


def test_one_that_was_taken_over_does_not_have_the_last_word(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=2)
    with ThreadPoolExecutor(1) as workers:
        creating = workers.submit(work, diary.shop, rounds=2)
        eventually(lambda: ("POST", f"/calendar/v3/calendars/{diary.calendar_id}/events") in diary.google.calls)
        elsewhere.cancel(diary.shop, booking)
        with database.writing(diary.shop.id):  # as when a worker was asleep for longer than its lease
            database.execute("UPDATE calendar_event SET leased_until = now()")
        assert work(diary.shop) == []
        assert diary.event(booking) is None
        creating.result()
    assert diary.event(booking) or owed(diary.shop)
    assert work(diary.shop) == []
    assert diary.event(booking) is None
    assert proven(diary) == []


def test_a_revoked_key_is_told_once_and_harms_no_booking(diary: Diary) -> None:
    kept = sell(diary)
    diary.google.revoke(diary.email)
    booking = sell(diary, event_on=in_half_a_year(diary.shop, plus=1))
    sell(diary, event_on=in_half_a_year(diary.shop, plus=2))
    assert diary.row().refusal
    assert owed(diary.shop) == []
    with database.reading(diary.shop.id):
        assert database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id) == "confirmed"
        told = database.rows("SELECT status FROM message WHERE kind = 'calendar_refused'")
    assert [row.status for row in told] == ["sent"]
    assert diary.on(kept)
    assert proven(diary) == []


def test_once_it_is_shared_again_everything_that_was_missed_is_made_good(diary: Diary) -> None:
    first, gone = sell(diary), sell(diary, event_on=in_half_a_year(diary.shop, plus=1))
    diary.google.share(diary.calendar_id, "reader", diary.email)
    missed = sell(diary, event_on=in_half_a_year(diary.shop, plus=2))
    elsewhere.cancel(diary.shop, gone)
    assert work(diary.shop) == []
    assert diary.row().refusal
    assert diary.on(gone)
    diary.google.share(diary.calendar_id, "writer", diary.email)
    later = sell(diary, event_on=in_half_a_year(diary.shop, plus=3))
    assert not diary.row().refusal
    assert all(diary.on(each) for each in (first, missed, later))
    assert diary.event(gone) is None
    assert proven(diary) == []


def test_the_daily_look_mends_both_ways(diary: Diary) -> None:
    bookings = [sell(diary, event_on=in_half_a_year(diary.shop, plus=plus)) for plus in range(3)]
    events = diary.google.calendars.all[diary.calendar_id].events
    lost, shifted, _ = (next(each for key, each in events.items() if key.endswith(b.booking_id.hex)) for b in bookings)
    lost["status"] = "cancelled"
    shifted["start"], shifted["end"] = {"date": "2030-01-01"}, {"date": "2030-01-02"}
    stranger = {**shifted, "id": diary.id.hex + "0" * 32}
    events[stranger["id"]] = stranger
    copy = {**shifted, "id": "acopyofitsowner"}
    events[copy["id"]] = copy
    assert min(proven(diary)) == "a booking has no event"
    assert len(proven(diary)) == 3
    tomorrow = time.now() + timedelta(days=1, minutes=1)
    assert comparing.owe_due(tomorrow) >= 1
    assert work(diary.shop) == []
    assert [diary.on(each) for each in bookings] == [elsewhere.dates(diary.shop, each) for each in bookings]
    assert copy["status"] == "confirmed"
    assert proven(diary) == []


def test_two_schedulers_owe_one_daily_look(diary: Diary) -> None:
    tomorrow = time.now() + timedelta(days=1, minutes=1)
    with ThreadPoolExecutor(2) as schedulers:
        list(schedulers.map(comparing.owe_due, [tomorrow, tomorrow]))
    assert owed(diary.shop) == [("calendar.compare", "due")]


def test_a_removed_calendar_is_emptied_first(diary: Diary) -> None:
    booking = sell(diary)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    another = sold.sell(diary.shop, event_on=in_half_a_year(diary.shop, plus=1))
    diary.google.drop_answers("DELETE", EVENTS)
    assert work(diary.shop) == []
    assert (diary.event(booking), diary.event(another), diary.row()) == (None, None, None)


def test_one_that_is_being_removed_can_be_connected_anew_at_once(diary: Diary) -> None:
    booking = sell(diary)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    diary.google.hang_next("DELETE", EVENTS, seconds=1)
    with ThreadPoolExecutor(1) as workers:
        clear = workers.submit(work, diary.shop)
        eventually(lambda: any(method == "DELETE" for method, _ in diary.google.calls))
        assert elsewhere.connect_again(diary).id == diary.id
        assert work(diary.shop, rounds=10_000) == []
        clear.result()
    assert work(diary.shop) == []
    assert diary.on(booking)
    assert proven(diary) == []


def test_a_new_key_lets_a_removal_that_was_stuck_stay_after_all(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.revoke(diary.email)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    assert work(diary.shop) == []
    elsewhere.connect_again(diary)
    assert work(diary.shop) == []
    assert (diary.row().ended_at, diary.row().refusal) == (None, "")
    assert diary.on(booking)


def test_a_removal_waits_for_whoever_is_just_putting_something_there(diary: Diary) -> None:
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=1)
    with ThreadPoolExecutor(1) as workers:
        creating = workers.submit(work, diary.shop)
        eventually(lambda: ("POST", f"/calendar/v3/calendars/{diary.calendar_id}/events") in diary.google.calls)
        clearing.end(diary.shop.id, diary.id, at=time.now())
        assert work(diary.shop, rounds=10_000) == []
        creating.result()
    assert work(diary.shop) == []
    assert (diary.event(booking), diary.row()) == (None, None)


def test_without_a_key_a_removal_stays_until_its_owner_says_that_the_events_may_stay(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.revoke(diary.email)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    assert work(diary.shop) == []
    assert diary.row().refusal
    clearing.leave(diary.shop.id, diary.id)
    assert diary.row() is None
    assert diary.on(booking)
    with pytest.raises(NotFound):
        clearing.leave(diary.shop.id, diary.id)


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


def test_what_google_refuses_for_a_day_is_told_and_made_good_later(diary: Diary) -> None:
    pace.install(replace(pace.current(), most_attempts=3))
    diary.google.fail_next("POST", EVENTS, status=503, times=4)
    booking = sold.sell(diary.shop)
    assert work(diary.shop) == []
    assert ("calendar.sync", "dead") in owed(diary.shop)
    assert diary.row().refusal == trouble.SILENT
    diary.google.clear_faults()
    assert comparing.owe_due(time.now() + timedelta(days=1, minutes=1)) >= 1
    assert work(diary.shop) == []
    assert diary.on(booking) == elsewhere.dates(diary.shop, booking)
    assert not diary.row().refusal
