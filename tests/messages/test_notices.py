"""The business hears of each thing once, in the way that it has chosen, and of what needs it in any case."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.bookings import service as bookings
from portal.db import database
from portal.kernel import time as clock
from portal.kernel.errors import Invalid
from portal.messages import delivery, notices, owner_plans, plans, service
from portal.messages.delivery import FileChannel, NotSentError, RefusedError
from portal.messages.mail import Mail
from portal.messages.notices import ALWAYS_TOLD, Topic, Way
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from tasks import relay
from tests.support import leaving, mailroom, sold, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import Letter, letters
from tests.support.plans import arrived, work
from tests.support.sold import Sold
from tests.support.till import Till, intent_of, till
from tests.support.world import Business

__all__ = ["till"]

HELLO = "hello@juniper.example"
DUE = datetime(2027, 5, 13, tzinfo=UTC)


def wants(shop: Business, *, at: str = "08:00", **ways: str) -> None:
    """What the business chooses; everything else is told at once."""
    chosen = {topic: ways.get(topic, Way.AT_ONCE) for topic in Topic}
    notices.choose(shop.id, chosen, at_time=at, at=clock.now())


def told(folder: Path) -> list[str]:
    """The subjects of what came to the business."""
    return sorted(letter.subject for letter in letters(folder) if letter.to == HELLO)


def rows(shop: Business) -> list[Any]:
    with database.reading(shop.id):
        return database.rows("SELECT kind, slot, way, summary_id FROM notice ORDER BY created_at, kind")


def test_who_has_chosen_nothing_hears_of_everything_at_once(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    leaving.cancelling(shop, booking)
    mailroom.drain(shop.id)
    assert [subject.partition(" ")[0] for subject in told(mail_folder)] == ["Anna", "New"]
    assert {row.way for row in rows(shop)} == {"at_once"}


def test_what_is_not_wanted_is_not_told_and_the_couple_hears_all_the_same(shop: Business, mail_folder: Path) -> None:
    wants(shop, booking="off", cancellation="off")
    booking = sold.sell(shop)
    leaving.cancelling(shop, booking)
    mailroom.drain(shop.id)
    assert told(mail_folder) == []
    assert len(letters(mail_folder)) > 1
    assert {row.way for row in rows(shop)} == {"off"}


def test_an_effect_that_runs_again_tells_nothing_twice_whatever_was_chosen_meanwhile(
    shop: Business, mail_folder: Path
) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    for way in ("daily", "off", "at_once"):
        wants(shop, booking=way)
        plans.booking_confirmed(shop.id, booking.booking_id, at=clock.now())
        mailroom.drain(shop.id)
    assert len(told(mail_folder)) == 1
    assert len(rows(shop)) == 1


@pytest.mark.parametrize("topic", sorted(ALWAYS_TOLD))
def test_what_needs_somebody_cannot_be_switched_off(shop: Business, topic: Topic) -> None:
    with pytest.raises(Invalid) as refused:
        wants(shop, **{topic: "off"})
    assert set(refused.value.fields) == {topic}
    wants(shop, **{topic: "daily"})


def test_a_choice_that_there_is_not_is_told_at_its_field(shop: Business) -> None:
    with pytest.raises(Invalid) as refused:
        wants(shop, at="25:00", booking="sometimes", move="")
    assert set(refused.value.fields) == {"at", "booking", "move"}
    with database.reading(shop.id):
        assert notices.chosen(shop.id) == (dict.fromkeys(Topic, Way.AT_ONCE), "08:00")


class Refusing(FileChannel):
    """Takes no mail to couples."""

    error: Exception = RefusedError("550 5.1.1 there is nobody of that name")

    def send(self, mail: Mail) -> str:
        if mail.to.endswith("@couple.example"):
            raise self.error
        return super().send(mail)


class Full(Refusing):
    """Takes none for now."""

    error = NotSentError("452 4.2.2 the mailbox is full")


def test_a_mail_that_did_not_arrive_is_told_once_and_says_which_and_why(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop, email="anna@couple.example", second_email="")
    delivery.install(Refusing(mail_folder))
    mailroom.drain(shop.id)
    with database.reading(shop.id):
        message_id = database.value("SELECT id FROM message WHERE status = 'failed' AND kind = 'confirmation'")
    service.record_failed(shop.id, message_id, failure="550 5.1.1 there is nobody of that name")
    mailroom.drain(shop.id)
    (letter,) = [each for each in letters(mail_folder) if "did not arrive" in each.subject]
    assert letter.to == HELLO
    for part in ("anna@couple.example", "Your date is booked: ", "there is nobody of that name", booking.reference):
        assert part in letter.text
        assert part in letter.html


def test_of_one_address_that_takes_no_mail_it_hears_once_until_one_has_arrived(
    shop: Business, mail_folder: Path
) -> None:
    booking = sold.sell(shop, email="anna@couple.example", second_email="")
    mailroom.drain(shop.id)
    to = [Addressed("Anna@couple.example", Audience.COUPLE)]

    def fail(slot: str) -> UUID:
        (message_id,) = service.owe(
            shop.id, booking.booking_id, MessageKind.PAYMENT_RECEIVED, slot=slot, to=to, at=clock.now()
        )
        service.record_failed(shop.id, message_id, failure="nobody there")
        mailroom.drain(shop.id, but=("message.send",))
        return message_id

    first, _ = fail("first"), fail("second")
    assert [row.slot for row in rows(shop) if row.kind == "mail_failed"] == [str(first)]
    service.record_sent(shop.id, first, provider_message_id="later", at=clock.now())
    third = fail("third")
    assert [row.slot for row in rows(shop) if row.kind == "mail_failed"] == [str(first), str(third)]


def test_a_mail_to_the_business_itself_that_fails_owes_it_no_mail(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    to = [Addressed(HELLO, Audience.OWNER)]
    (message_id,) = service.owe(shop.id, booking.booking_id, MessageKind.COUPLE_PAID, slot="x", to=to, at=clock.now())
    service.record_failed(shop.id, message_id, failure="nobody there")
    mailroom.drain(shop.id, but=("message.send",))
    assert [row.kind for row in rows(shop)] == ["new_booking"]
    assert len(told(mail_folder)) == 1


def test_a_mail_that_is_being_tried_once_more_is_told_all_the_same(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop, second_email="")
    mailroom.drain(shop.id, but=("message.send",))
    with database.reading(shop.id):
        message_id = database.value("SELECT id FROM message WHERE kind = 'confirmation'")
    service.record_failed(shop.id, message_id, failure="nobody there")
    mailroom.drain(shop.id, but=("message.send",))
    delivery.install(Full(mail_folder))
    mailroom.drain(shop.id)
    with database.reading(shop.id):
        assert database.value("SELECT status FROM message WHERE id = %s", message_id) == "due"
    assert len([each for each in told(mail_folder) if "did not arrive" in each]) == 1


def test_a_mail_that_has_left_after_all_is_not_told(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop, second_email="")
    mailroom.drain(shop.id, but=("message.send",))
    with database.reading(shop.id):
        message_id = database.value("SELECT id FROM message WHERE kind = 'confirmation'")
    service.record_failed(shop.id, message_id, failure="nobody there")
    mailroom.drain(shop.id, but=("message.send",))
    service.record_sent(shop.id, message_id, provider_message_id="later", at=clock.now())
    mailroom.drain(shop.id)
    assert not [each for each in told(mail_folder) if "did not arrive" in each]


def test_a_dispute_is_told_once_and_not_as_a_review_as_well(till: Till, shop: Business, mail_folder: Path) -> None:
    leaving.sold(till, shop)
    dispute = till.stripe.open_dispute(intent_of(till))
    for _ in range(2):
        till.deliver()
        mailroom.drain(shop.id)
    (letter,) = [each for each in letters(mail_folder) if "disput" in each.subject]
    assert letter.subject == "A payment of Anna Smith & Ben Jones is disputed"
    assert "has taken back $1,000.00" in letter.text
    assert dispute["id"] in letter.text
    assert "before its deadline" in letter.html
    assert not [each for each in told(mail_folder) if "Please look" in each]


def test_another_reason_beside_a_dispute_is_told_as_ever(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    for reason in ("dispute: dp_1", "payment_mismatch: amount"):
        bookings.flag_for_review(shop.id, booking.booking_id, reason, clock.now())
    mailroom.drain(shop.id)
    assert [each for each in told(mail_folder) if "Please look" in each]


def owing(shop: Business, booking: Sold) -> None:
    """What is still open was due on 13 May 2027."""
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking_payment_stage SET due_on = %s WHERE booking_id = %s AND status = 'PENDING'",
            DUE.date(),
            booking.booking_id,
        )


def overdue(folder: Path) -> list[Letter]:
    return [letter for letter in arrived(folder) if letter.subject.startswith("Overdue: ")]


@pytest.mark.parametrize(
    ("zone", "seven_the_day_after"),
    [
        ("America/New_York", datetime(2027, 5, 14, 11, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2027, 5, 14, 1, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2027, 5, 13, 17, tzinfo=UTC)),
    ],
)
def test_what_was_due_yesterday_is_told_in_the_morning_and_once(
    own_database: str, mail_folder: Path, monkeypatch: pytest.MonkeyPatch, zone: str, seven_the_day_after: datetime
) -> None:
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    shop = world.open_shop(timezone=zone)
    booking = sold.sell(shop)
    owing(shop, booking)
    work(shop, seven_the_day_after - timedelta(minutes=1))
    arrived(mail_folder)
    assert owner_plans.tell_overdue(seven_the_day_after - timedelta(minutes=1)) == 0
    assert owner_plans.tell_overdue(seven_the_day_after) == 1
    assert owner_plans.tell_overdue(seven_the_day_after + timedelta(minutes=15)) == 0
    work(shop, seven_the_day_after)
    (letter,) = overdue(mail_folder)
    assert letter.to == HELLO
    assert "have not paid yet what was due: $1,000.00." in letter.text
    assert booking.reference in letter.html


def test_what_is_paid_or_cancelled_or_long_known_is_not_overdue(desk: Business, mail_folder: Path) -> None:
    at = DUE + timedelta(days=1, hours=15)
    paid, gone = sold.sell(desk), sold.sell(desk, event_on=in_half_a_year(desk, plus=9))
    for each in (paid, gone):
        owing(desk, each)
    leaving.cancelling(desk, gone)
    with database.writing(desk.id):
        database.execute("UPDATE booking_payment_stage SET status = 'COMPLETED' WHERE booking_id = %s", paid.booking_id)
    assert owner_plans.tell_overdue(at) == 0
    with database.writing(desk.id):
        database.execute(
            "UPDATE booking_payment_stage SET status = 'PENDING' WHERE booking_id = %s AND due_on = %s",
            paid.booking_id,
            DUE.date(),
        )
    assert owner_plans.tell_overdue(DUE + timedelta(days=10)) == 0
    assert owner_plans.tell_overdue(at) == 1
    with database.writing(desk.id):
        database.execute("UPDATE booking_payment_stage SET status = 'COMPLETED' WHERE booking_id = %s", paid.booking_id)
    work(desk, at)
    assert overdue(mail_folder) == []
