"""Planned messages in the hands of the business: left out, sent early, paused, planned otherwise, switched off."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.bookings import queries
from portal.db import database
from portal.kernel import time as clock
from portal.kernel.errors import Conflict, Stale
from portal.messages import coming, due, log, planning, recalling, schedule, sending, service, steering
from portal.messages.delivery import FileChannel
from portal.messages.log import Coming
from portal.messages.schedule import Rule
from portal.messages.states import MessageKind
from portal.tenants import service as tenants
from tasks import claims
from tests.support import plans, shifting
from tests.support.plans import arrived, booked, planned, reminders, tick, work
from tests.support.sold import Sold
from tests.support.world import Business

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = set(plans.KINDS)
EVENT = {"event_soon", "event_eve", "follow_up"}
BALANCE = ALL - EVENT


def test_the_business_leaves_one_out_sends_one_early_and_pauses(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    with database.reading(desk.id):
        listed = {each.kind.value: each for each in log.of_booking(desk.id, booking.booking_id).coming}
    assert [each.due_at for each in listed.values()] == sorted(each.due_at for each in listed.values())
    assert listed["event_soon"].recipients == ["anna@couple.example", "ben@couple.example"]
    key: dict[str, Any] = {"user_id": None, "at": clock.now()}
    steering.skip(desk.id, booking.booking_id, listed["event_soon"].id, **key)
    with pytest.raises(Stale):
        steering.skip(desk.id, booking.booking_id, listed["event_soon"].id, **key)
    steering.send_now(desk.id, booking.booking_id, listed["event_eve"].id, **key)
    work(desk, clock.now())
    assert len(arrived(mail_folder)) == 2
    planning.keep_up(desk.id, booking.booking_id, at=clock.now())
    assert set(planned(desk)) == ALL - {"event_soon", "event_eve"}
    steering.pause(desk.id, booking.booking_id, **key)
    with pytest.raises(Conflict):
        steering.send_now(desk.id, booking.booking_id, listed["follow_up"].id, **key)
    soon = listed["balance_soon"].due_at
    tick(desk, soon + HOUR)
    assert arrived(mail_folder) == []
    steering.resume(desk.id, booking.booking_id, user_id=None, at=soon + 2 * HOUR)
    tick(desk, soon + 2 * HOUR)
    assert len(arrived(mail_folder)) == 2
    steering.pause(desk.id, booking.booking_id, **key)
    tick(desk, listed["balance_due"].due_at + DAY + HOUR)
    skipped = {(row.kind, row.failure) for row in reminders(desk, "skipped")}
    assert ("balance_due", "the messages were paused") in skipped


def mark(shop: Business, booking: Sold, kind: str) -> Any:
    """Its time comes, and no worker is there yet; how the owner sees it."""
    with database.reading(shop.id):
        at = next(each.due_at for each in log.of_booking(shop.id, booking.booking_id).coming if each.kind == kind)
    with clock.frozen(at):
        assert due.mark_due(at) == 2
    return listed(shop, booking)[kind]


def listed(shop: Business, booking: Sold) -> dict[str, Coming]:
    with database.reading(shop.id):
        return {each.kind.value: each for each in log.of_booking(shop.id, booking.booking_id).coming}


def claimed(shop: Business, *, attempt: str = "leased") -> list[Any]:
    """A worker begins with what is due, or fails at it."""
    with database.reading(shop.id):
        owed = database.rows("SELECT id, subject_id FROM outbox WHERE kind = 'message.send' AND status = 'due'")
    for row in owed:
        taken = claims.claim(row.id, at=clock.now() + timedelta(days=400), lease=60)
        assert taken
        if attempt == "failed":
            assert claims.put_back(taken, due_at=clock.now(), error="the post office is closed")
            service.note_failure(shop.id, row.subject_id, failure="the post office is closed")
    return owed


def test_what_is_due_and_has_not_left_is_taken_back_by_a_pause(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    waiting = mark(desk, booking, "balance_soon")
    assert (waiting.is_due, waiting.failure, len(waiting.recipients)) == (True, "", 2)
    assert steering.pause(desk.id, booking.booking_id, user_id=None, at=clock.now()) == 0
    soon = waiting.due_at
    work(desk, soon)
    assert arrived(mail_folder) == []
    assert not listed(desk, booking)["balance_soon"].is_due
    assert set(planned(desk)) == ALL
    tick(desk, soon + HOUR)
    assert arrived(mail_folder) == []
    steering.resume(desk.id, booking.booking_id, user_id=None, at=soon + 2 * HOUR)
    tick(desk, soon + 2 * HOUR)
    assert len(arrived(mail_folder)) == 2
    with database.reading(desk.id):
        assert database.value("SELECT count(*) FROM outbox WHERE kind = 'message.send' AND status <> 'done'") == 0


def test_what_is_due_and_has_not_left_can_be_left_out(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    waiting = mark(desk, booking, "balance_soon")
    claimed(desk, attempt="failed")
    assert listed(desk, booking)["balance_soon"].failure == "the post office is closed"
    steering.skip(desk.id, booking.booking_id, waiting.id, user_id=None, at=clock.now())
    work(desk, waiting.due_at)
    assert arrived(mail_folder) == []
    (row, _) = reminders(desk, "skipped")
    assert row.failure == "left out by the business; the post office is closed"


def test_what_a_worker_has_begun_with_is_told_honestly(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    waiting = mark(desk, booking, "balance_soon")
    owed = claimed(desk)
    assert "balance_soon" not in listed(desk, booking)
    with pytest.raises(Conflict) as told:
        steering.skip(desk.id, booking.booking_id, waiting.id, user_id=None, at=clock.now())
    assert "leaving at this moment" in str(told.value)
    assert steering.pause(desk.id, booking.booking_id, user_id=None, at=clock.now()) == 2
    # The worker that began was killed before it handed anything over; the next one finds the pause.
    with clock.frozen(waiting.due_at):
        for row in owed:
            sending.send(desk.id, row.subject_id, at=clock.now(), is_first_attempt=False)
    assert arrived(mail_folder) == []
    assert listed(desk, booking)["balance_soon"].failure == recalling.INTERRUPTED
    steering.resume(desk.id, booking.booking_id, user_id=None, at=clock.now())
    tick(desk, waiting.due_at + HOUR)
    assert len(arrived(mail_folder)) == 2


def test_what_leaves_to_one_of_two_addresses_is_left_out_for_the_other_and_told(
    desk: Business, mail_folder: Path
) -> None:
    booking = booked(desk, mail_folder)
    waiting = mark(desk, booking, "balance_soon")
    with database.reading(desk.id):
        first = database.value("SELECT id FROM outbox WHERE kind = 'message.send' AND status = 'due' LIMIT 1")
    assert claims.claim(first, at=waiting.due_at, lease=60)
    assert steering.skip(desk.id, booking.booking_id, waiting.id, user_id=None, at=clock.now()) == 1
    assert plans.outcome(desk)["balance_soon", "skipped"] == 1


def test_a_pause_after_an_attempt_without_answer_makes_no_copy(
    desk: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = booked(desk, mail_folder)
    soon = mark(desk, booking, "balance_soon").due_at
    claimed(desk, attempt="failed")
    steering.pause(desk.id, booking.booking_id, user_id=None, at=clock.now())
    steering.resume(desk.id, booking.booking_id, user_id=None, at=clock.now())
    monkeypatch.setattr(FileChannel, "find", lambda *_: "it left after all")
    tick(desk, soon + HOUR)
    assert arrived(mail_folder) == []
    assert plans.outcome(desk)["balance_soon", "sent"] == 2


def test_the_owners_plan_changes_what_is_planned(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    plan = schedule.read_plan({}) | {
        MessageKind.EVENT_SOON: Rule(is_on=True, days=10, at=time(8, 30)),
        MessageKind.BALANCE_LAST: Rule(is_on=False, days=7, at=time(10)),
    }
    tenants.set_reminder_plan(desk.id, schedule.write_plan(plan), at=clock.now())
    assert planning.plan_unplanned(clock.now()) == 1
    assert planning.plan_unplanned(clock.now()) == 0
    assert planned(desk)["event_soon"] == f"{shifting.day(desk, booking) - timedelta(days=10)}T08:30"
    assert "balance_last" not in planned(desk)


def test_what_was_told_or_left_out_is_not_told_again_at_another_hour(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    steering.skip(desk.id, booking.booking_id, listed(desk, booking)["follow_up"].id, user_id=None, at=clock.now())
    soon = listed(desk, booking)["balance_soon"].due_at
    tick(desk, soon)
    assert len(arrived(mail_folder)) == 2
    plan = {kind: Rule(is_on=True, days=rule.days, at=time(11)) for kind, rule in schedule.read_plan({}).items()}
    tenants.set_reminder_plan(desk.id, schedule.write_plan(plan), at=soon + timedelta(minutes=30))
    planning.plan_unplanned(soon + timedelta(minutes=30))
    assert set(planned(desk)) == ALL - {"follow_up", "balance_soon"}
    tick(desk, soon + HOUR)
    assert arrived(mail_folder) == []


def test_another_time_zone_keeps_the_hour_and_moves_the_instant(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder)
    before, slots = reminders(desk)[0].due_at, planned(desk)
    tenants.change_tenant(desk.id, timezone="America/Los_Angeles")
    planning.plan_unplanned(clock.now())
    assert planned(desk) == slots
    assert reminders(desk)[0].due_at == before + 3 * HOUR


def test_switched_off_nothing_is_planned_or_sent(
    desk: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = booked(desk, mail_folder)
    at = reminders(desk)[0].due_at
    with monkeypatch.context() as off:
        off.setattr("portal.messages.reminders.is_switched_on", lambda: False)
        later = booked(desk, mail_folder, event_on=shifting.later(desk, 1))
        assert len(reminders(desk)) == 2 * len(ALL)
        tick(desk, at)
        assert arrived(mail_folder) == []
        assert planning.plan_unplanned(at) == 0
    assert planning.plan_unplanned(clock.now()) == 1
    assert len(reminders(desk, "planned")) == 4 * len(ALL)
    assert first.booking_id != later.booking_id


def test_a_preview_is_the_mail_of_its_day_without_a_secret(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    with database.reading(desk.id):
        view = queries.by_id(desk.id, booking.booking_id)
        for each in log.of_booking(desk.id, booking.booking_id).coming:
            mail = coming.preview(view, each.id, at=clock.now())
            assert mail.at == each.due_at
            assert "/m/" not in mail.text + mail.html
            assert "/unsubscribe/" not in mail.text + mail.html
            if each.kind is MessageKind.EVENT_EVE:
                assert "Your day is tomorrow" in mail.text
