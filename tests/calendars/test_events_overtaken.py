"""What happens while a call is on its way to Google: whoever comes last, the calendar holds what the booking needs."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.calendars import clearing
from portal.db import database
from portal.kernel import time
from tests.support import google as elsewhere
from tests.support import sold
from tests.support.google import EVENTS, Diary, asked, diary, google, owed, proven, sell, work
from tests.support.site import eventually

__all__ = ["diary", "google"]


def test_a_cancellation_that_overtakes_a_creation_leaves_nothing(diary: Diary) -> None:
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=1)
    with ThreadPoolExecutor(2) as workers:
        creating = workers.submit(work, diary.shop)
        eventually(lambda: asked(diary, "POST"))
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
        eventually(lambda: asked(diary, "POST"))
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


def test_a_removal_waits_for_whoever_is_just_putting_something_there(diary: Diary) -> None:
    booking = sold.sell(diary.shop)
    diary.google.hang_next("POST", EVENTS, seconds=1)
    with ThreadPoolExecutor(1) as workers:
        creating = workers.submit(work, diary.shop)
        eventually(lambda: asked(diary, "POST"))
        clearing.end(diary.shop.id, diary.id, at=time.now())
        assert work(diary.shop, rounds=10_000) == []
        creating.result()
    assert work(diary.shop) == []
    assert (diary.event(booking), diary.row()) == (None, None)


def test_one_that_is_being_removed_can_be_connected_anew_at_once(diary: Diary) -> None:
    booking = sell(diary)
    clearing.end(diary.shop.id, diary.id, at=time.now())
    diary.google.hang_next("DELETE", EVENTS, seconds=1)
    with ThreadPoolExecutor(1) as workers:
        clear = workers.submit(work, diary.shop)
        eventually(lambda: asked(diary, "DELETE"))
        assert elsewhere.connect_again(diary).id == diary.id
        assert work(diary.shop, rounds=10_000) == []
        clear.result()
    assert work(diary.shop) == []
    assert diary.on(booking)
    assert proven(diary) == []
