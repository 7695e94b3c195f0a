"""Periodic jobs: each tick once, whatever the clock and however many schedulers."""

import threading
from datetime import UTC, datetime, timedelta

from portal.kernel import time
from tasks import schedule, ticks
from tasks.app import huey

MINUTE = timedelta(minutes=1)
NOON = datetime(2027, 6, 12, 12, 0, 30, tzinfo=UTC)


def test_two_schedulers_do_a_tick_once(own_database: str) -> None:
    done: list[datetime] = []
    with time.frozen(NOON):
        gate = threading.Barrier(2)

        def run() -> None:
            gate.wait()
            ticks.once("job", MINUTE, done.append)

        both = [threading.Thread(target=run) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
    assert done == [NOON]


def test_the_next_tick_is_done_again(own_database: str) -> None:
    done: list[datetime] = []
    for seconds in (0, 20, 40, 60):
        with time.frozen(NOON + timedelta(seconds=seconds)):
            ticks.once("job", MINUTE, done.append)
    assert len(done) == 2


def test_a_clock_that_was_set_back_an_hour_does_not_stop_the_jobs(own_database: str) -> None:
    done: list[datetime] = []
    for at in (NOON, NOON - timedelta(hours=1)):
        with time.frozen(at):
            ticks.once("job", MINUTE, done.append)
    assert len(done) == 2


def test_jobs_do_not_take_each_others_ticks(own_database: str) -> None:
    done: list[str] = []
    with time.frozen(NOON):
        ticks.once("one", MINUTE, lambda _: done.append("one"))
        ticks.once("other", MINUTE, lambda _: done.append("other"))
    assert done == ["one", "other"]


def test_a_job_that_is_still_at_it_is_not_begun_again(own_database: str) -> None:
    done: list[datetime] = []

    def slow(at: datetime) -> None:
        done.append(at)
        with time.frozen(at + MINUTE):
            assert not ticks.once("job", MINUTE, done.append)
            assert ticks.once("other", MINUTE, lambda _: None)

    with time.frozen(NOON):
        assert ticks.once("job", MINUTE, slow)
    with time.frozen(NOON + MINUTE):
        assert ticks.once("job", MINUTE, done.append)
    assert done == [NOON, NOON + MINUTE]


def test_every_job_is_registered_with_the_queue() -> None:
    names = {task.name for task in huey._registry.periodic_tasks}
    assert schedule.count() == len(names)
    assert {"sweep_outbox", "clean"} <= names
