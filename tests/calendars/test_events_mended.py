"""A calendar that lets us in no more, that somebody has tidied, or that is removed: told, and made good later."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.calendars import clearing, comparing, trouble
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import NotFound
from tasks import pace
from tests.support import google as elsewhere
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.google import EVENTS, Diary, diary, google, owed, proven, sell, work

__all__ = ["diary", "google"]


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


def test_a_new_key_lets_a_removal_that_was_stuck_stay_after_all(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.revoke(diary.email)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    assert work(diary.shop) == []
    elsewhere.connect_again(diary)
    assert work(diary.shop) == []
    assert (diary.row().ended_at, diary.row().refusal) == (None, "")
    assert diary.on(booking)


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


def test_a_calendar_that_is_not_shared_any_more_is_not_taken_for_an_empty_one(diary: Diary) -> None:
    booking = sell(diary)
    diary.google.share(diary.calendar_id, "", diary.email)
    elsewhere.cancel(diary.shop, booking)
    assert work(diary.shop) == []
    assert diary.row().refusal
    clearing.end(diary.shop.id, diary.id, at=time.now())
    assert work(diary.shop) == []
    assert diary.row()
    assert diary.on(booking)
    diary.google.share(diary.calendar_id, "writer", diary.email)
    assert comparing.owe_due(time.now() + timedelta(days=1, minutes=1)) >= 1
    assert work(diary.shop) == []
    assert (diary.row(), diary.event(booking)) == (None, None)
