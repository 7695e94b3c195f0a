"""A booking's planned messages, from the plan to the mail: what is told when, and what is never told any more."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus, WhichAddress
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time as clock
from portal.lifecycle import address, finish, undo
from portal.messages import delivery, due, follow_ups, planning, recovery
from portal.messages.delivery import NotSentError
from tests.support import leaving, plans, shifting, world
from tests.support.plans import arrived, booked, local, planned, reminders, tick, work
from tests.support.world import Business

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = set(plans.KINDS)
EVENT = {"event_soon", "event_eve", "follow_up"}
BALANCE = ALL - EVENT


def test_confirming_plans_everything_on_the_tenants_clock(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    on, due_on = shifting.day(desk, booking), shifting.day(desk, booking) - timedelta(days=30)
    assert planned(desk) == {
        "event_soon": f"{on - timedelta(days=3)}T10:00",
        "event_eve": f"{on - DAY}T14:00",
        "follow_up": f"{on + timedelta(days=3)}T10:00",
        "balance_soon": f"{due_on - timedelta(days=7)}T10:00",
        "balance_due": f"{due_on}T10:00",
        "balance_overdue": f"{due_on + timedelta(days=2)}T10:00",
        "balance_last": f"{due_on + timedelta(days=7)}T10:00",
    }
    assert len(reminders(desk)) == 2 * len(ALL)
    assert {row.due_at for row in reminders(desk) if row.kind == "event_eve"} == {local(desk, on - DAY, "14:00")}


def test_each_message_comes_once_at_its_hour_and_reads_well(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder, email="anna@couple.example", second_email=None)
    said = {}
    for row in reminders(desk):
        tick(desk, row.due_at - timedelta(minutes=1))
        assert arrived(mail_folder) == []
        tick(desk, row.due_at)
        tick(desk, row.due_at + HOUR)
        (said[row.kind],) = arrived(mail_folder)
    assert plans.outcome(desk) == {(kind, "sent"): 1 for kind in ALL}
    assert "in 7 days" not in said["event_soon"].text
    for kind, words in {
        "event_soon": "Your day is in 3 days",
        "event_eve": "Your day is tomorrow",
        "follow_up": "Your day is behind you",
        "balance_soon": "$1,000.00 for your booking of",
        "balance_due": "is due today",
        "balance_overdue": "has not reached us",
        "balance_last": "is still open",
    }.items():
        letter = said[kind]
        assert words in letter.text, kind
        assert words in " ".join(letter.html.split()), kind
        assert "/m/" in letter.text
        assert letter.message["Reply-To"] == "Juniper & Rye <hello@juniper.example>"
        assert (letter.message["List-Unsubscribe"] is not None) == (kind == "follow_up")
    assert said["follow_up"].message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("locale", "zone"), [("fr_FR", "Europe/Paris"), ("en_GB", "Europe/London")])
def test_each_language_has_every_reminder(desk: Business, mail_folder: Path, locale: str, zone: str) -> None:
    shop = world.open_shop(locale=locale, currency="EUR", timezone=zone)
    booked(shop, mail_folder, second_email=None)
    for row in reminders(shop):
        tick(shop, row.due_at)
    letters = arrived(mail_folder)
    assert len(letters) == len(ALL)
    assert all("Dear" not in letter.text for letter in letters) == (locale == "fr_FR")


def test_running_twice_plans_nothing_twice(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    before = reminders(desk)
    for _ in range(2):
        planning.keep_up(desk.id, booking.booking_id, at=clock.now())
    assert reminders(desk) == before


def test_what_has_passed_before_the_booking_was_made_is_never_planned(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder, event_on=desk.tenant.today(clock.now()) + timedelta(days=2), pays_in_full=True)
    assert set(planned(desk)) == {"event_eve", "follow_up"}


def test_a_move_plans_anew_and_the_old_date_is_never_told(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    old = {row.slot for row in reminders(desk) if row.kind in EVENT}
    soonest = min(row.due_at for row in reminders(desk) if row.kind == "event_soon")
    shifting.moved(desk, booking, shifting.later(desk, 30))
    tick(desk, soonest)  # the plan has not followed yet
    assert not old & set(planned(desk).values())
    assert not [letter for letter in arrived(mail_folder) if "coming closer" in letter.subject]
    new = planned(desk)
    assert new["event_soon"] == f"{shifting.later(desk, 27)}T10:00"
    assert not [row for row in reminders(desk, "sent") if row.slot in old]


def test_a_mail_on_its_way_for_a_date_that_moved_is_withdrawn(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    at = min(row.due_at for row in reminders(desk) if row.kind == "event_soon")
    with clock.frozen(at):
        assert due.mark_due(at)
    shifting.terms(desk, booking, cutoff_days="0")
    shifting.moved(desk, booking, shifting.later(desk, 30), at=at)
    work(desk, at)
    assert {row.status for row in reminders(desk) if row.due_at == at} == {"cancelled"}
    assert not [letter for letter in arrived(mail_folder) if "coming closer" in letter.subject]
    assert planned(desk)["event_soon"] == f"{shifting.later(desk, 27)}T10:00"


def test_paying_stops_the_reminders_of_the_payment_alone(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    with database.writing(desk.id):
        database.execute("UPDATE booking_payment_stage SET status = 'COMPLETED'")
    at = min(row.due_at for row in reminders(desk) if row.kind == "balance_soon")
    tick(desk, at)
    assert {row.status for row in reminders(desk) if row.kind == "balance_soon"} == {"cancelled"}
    assert arrived(mail_folder) == []
    planning.keep_up(desk.id, booking.booking_id, at=at)
    assert set(planned(desk)) == EVENT


def test_cancelling_stops_all_and_taking_it_back_brings_all_back(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    before = planned(desk)
    at = clock.now()
    leaving.cancelling(desk, booking, at=at)
    work(desk, clock.now())
    assert planned(desk) == {}
    undo.undo(desk.id, booking.booking_id, actor=Actor.COUPLE, at=at)
    work(desk, clock.now())
    assert planned(desk) == before
    leaving.cancelling(desk, booking, at=at + HOUR)
    assert finish.finish(desk.id, booking.booking_id, at=at + HOUR + leaving.WINDOW)
    for row in reminders(desk):  # nobody has told the plan
        tick(desk, row.due_at)
    assert reminders(desk, "sent", "due", "planned") == []


def test_what_was_missed_by_more_than_a_day_is_recorded_and_not_sent(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder)
    rows = {row.kind: row for row in reminders(desk)}
    tick(desk, rows["balance_soon"].due_at + DAY + HOUR)
    tick(desk, rows["balance_due"].due_at + DAY - HOUR)
    told = {(row.kind, row.status, row.failure) for row in reminders(desk, "sent", "skipped")}
    assert ("balance_soon", "skipped", "it was missed by more than a day") in told
    assert {kind for kind, status, _ in told if status == "sent"} <= {"balance_due"}
    assert len(told) == 2


def test_an_effect_that_slept_for_two_days_is_not_sent_late(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder)
    at = reminders(desk)[0].due_at
    with clock.frozen(at):
        due.mark_due(at)
    work(desk, at + 2 * DAY)
    assert {row.status for row in reminders(desk) if row.due_at == at} == {"skipped"}
    assert arrived(mail_folder) == []


def test_who_has_paid_within_a_bank_is_not_reminded(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder)
    with database.writing(desk.id):
        database.execute("UPDATE checkout SET status = 'processing'")
    tick(desk, reminders(desk)[0].due_at)
    assert {row.failure for row in reminders(desk, "skipped")} == {"a payment is on its way"}


def test_nothing_after_the_day_to_who_wants_none(desk: Business, mail_folder: Path) -> None:
    booked(desk, mail_folder)
    at = max(row.due_at for row in reminders(desk))
    follow_ups.stop(desk.id, "Anna@Couple.example", at=clock.now())
    assert {row.recipient for row in reminders(desk, "planned") if row.kind == "follow_up"} == {"ben@couple.example"}
    with clock.frozen(at):
        due.mark_due(at)
    follow_ups.stop(desk.id, "ben@couple.example", at=at)
    work(desk, at)
    assert {row.failure for row in reminders(desk, "skipped") if row.kind == "follow_up"} == {"they want none of these"}


def test_a_changed_address_takes_the_plan_with_it(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    with database.writing(desk.id):
        database.execute("UPDATE customer SET second_email = NULL, email = 'new@couple.example'")
    planning.keep_up(desk.id, booking.booking_id, at=clock.now())
    assert {row.recipient for row in reminders(desk, "planned")} == {"new@couple.example"}
    assert len(reminders(desk, "cancelled")) == 2 * len(ALL)


def test_who_wants_none_after_the_day_gets_none_in_the_place_of_somebody_else(
    desk: Business, mail_folder: Path
) -> None:
    booking = booked(desk, mail_folder)
    at = max(row.due_at for row in reminders(desk))
    follow_ups.stop(desk.id, "anne@couple.example", at=clock.now())
    with clock.frozen(at):
        due.mark_due(at)
    change_id = address.ask(
        desk.id, booking.booking_id, WhichAddress.FIRST, "anne@couple.example", at=clock.now(), actor=Actor.OWNER
    )
    work(desk, clock.now())
    with database.reading(desk.id):
        token_id = database.value("SELECT id FROM booking_action_token WHERE email_change_id = %s", change_id)
    address.confirm(desk.id, booking.booking_id, token_id, at=clock.now())
    work(desk, at)
    assert {row.recipient for row in reminders(desk, "sent")} == {"ben@couple.example"}
    assert "they want none of these" in {row.failure for row in reminders(desk, "skipped")}


def test_what_failed_for_a_day_is_tried_again_at_night_for_a_week(
    desk: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk, mail_folder)
    with database.reading(desk.id):
        at = reminders(desk)[0].due_at
    channel = delivery.current()
    with monkeypatch.context() as away:
        away.setattr(channel, "send", _away)
        tick(desk, at)
    with database.writing(), platform_scope(reason="test"):
        database.execute("UPDATE outbox SET status = 'dead', ended_at = %s WHERE status = 'due'", at)
        database.execute("UPDATE message SET status = 'failed' WHERE status = 'due'")
    assert recovery.recover(at + 8 * DAY) == 0
    assert recovery.recover(at + 3 * DAY) == 2
    with database.writing(), platform_scope(reason="test"):
        database.execute("UPDATE outbox SET attempts = 0 WHERE status = 'due'")
    work(desk, at + 3 * DAY)
    assert len(arrived(mail_folder)) == 2
    assert {row.status for row in reminders(desk) if row.due_at == at} == {"sent"}


def test_a_completed_booking_still_gets_its_thanks(desk: Business, mail_folder: Path) -> None:
    booking = booked(desk, mail_folder)
    at = max(row.due_at for row in reminders(desk))
    bookings.transition(
        desk.id,
        booking.booking_id,
        frm=BookingStatus.CONFIRMED,
        to=BookingStatus.COMPLETED,
        at=at - DAY,
        actor=Actor.SYSTEM,
        kind="completed",
    )
    tick(desk, at)
    assert len([letter for letter in arrived(mail_folder) if "Thank you" in letter.subject]) == 2


def _away(*_: object) -> str:
    raise NotSentError("the post office is closed")
