"""Planned messages while something else is at the same rows or goes wrong: nobody waits for long, and none is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.invoices import service as invoices
from portal.kernel import time as clock
from portal.messages import planning, recovery, reminders, schedule
from portal.messages.schedule import Rule
from portal.messages.states import MessageKind
from portal.tenants import service as tenants
from tests.support import plans, shifting, sold
from tests.support.plans import planned
from tests.support.workers import eventually
from tests.support.world import Business

DAY = timedelta(days=1)


def is_somebody_waiting() -> bool:
    """Whether a transaction waits for another one."""
    return bool(
        database.value(
            "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE NOT l.granted AND a.datname = current_database() LIMIT 1"
        )
    )


def test_a_plan_that_changes_while_a_booking_is_planned_reaches_it(
    desk: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = sold.sell(desk)
    plan = schedule.read_plan({}) | {MessageKind.EVENT_SOON: Rule(is_on=True, days=10, at=time(8, 30))}
    document = schedule.write_plan(plan)
    rival = Thread(target=lambda: tenants.set_reminder_plan(desk.id, document, at=clock.now()))
    read = reminders.slots_now

    def meanwhile(*given: Any) -> Any:
        found = read(*given)
        rival.start()
        eventually(lambda: is_somebody_waiting() or not rival.is_alive(), "the new plan")
        return found

    with monkeypatch.context() as slow:
        slow.setattr(reminders, "slots_now", meanwhile)
        planning.keep_up(desk.id, booking.booking_id, at=clock.now())
    rival.join()
    assert planning.plan_unplanned(clock.now()) == 1
    assert planned(desk)["event_soon"] == f"{shifting.day(desk, booking) - timedelta(days=10)}T08:30"


def test_documents_that_cannot_be_made_hold_no_plan_back(desk: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no number can be had")

    monkeypatch.setattr(invoices, "keep_up", broken)
    booking = sold.sell(desk)
    plans.work(desk, clock.now())
    on = shifting.day(desk, booking)
    assert planned(desk)["event_eve"] == f"{on - DAY}T14:00"
    with database.reading(desk.id):
        assert database.value("SELECT status FROM outbox WHERE kind = 'booking.confirmed'") == "due"


def dead(shop: Business) -> list[UUID]:
    """Mails that could not leave for a day; their ids."""
    sold.sell(shop)
    plans.work(shop, clock.now())
    with database.writing(), platform_scope(reason="test"):
        database.execute("UPDATE outbox SET status = 'dead', ended_at = now() WHERE kind = 'message.send'")
    with database.writing(shop.id):
        found = database.rows("UPDATE message SET status = 'failed' WHERE status = 'sent' RETURNING id")
    return [row.id for row in found]


@contextmanager
def held(shop: Business, message_id: UUID) -> Iterator[None]:
    """Somebody else is at a message, and does not let go."""
    begun, done = Event(), Event()

    def hold() -> None:
        with database.writing(shop.id):
            database.value("SELECT id FROM message WHERE id = %s FOR UPDATE", message_id)
            begun.set()
            done.wait(10)

    other = Thread(target=hold)
    other.start()
    assert begun.wait(10)
    yield
    done.set()
    other.join()


def test_the_nightly_recovery_goes_in_rounds_and_leaves_to_others_what_they_are_at(
    desk: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "BATCH", 1)
    first, *others = dead(desk)
    assert others
    with held(desk, first):
        assert recovery.recover(clock.now() + DAY) == len(others)
    assert recovery.recover(clock.now() + DAY) == 1
    assert recovery.recover(clock.now() + DAY) == 0
