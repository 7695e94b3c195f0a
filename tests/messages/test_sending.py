"""When a message leaves, when it must not any more, and what is seen of one that cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.db import database, outbox_desk
from portal.db.tenancy import platform_scope
from portal.devtools.ports import free_port
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.kernel import time
from portal.lifecycle import finish
from portal.messages import delivery
from portal.messages.delivery.smtp import SmtpChannel
from tasks import pace, relay
from tasks.pace import Pace
from tests.support import leaving, mailroom, sold
from tests.support.mailroom import letters
from tests.support.postmark import postmark
from tests.support.world import Business

__all__ = ["postmark"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody rings; what failed is due again at once."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    pace.install(Pace(first_delay=0, longest_delay=0))
    yield
    pace.install(Pace())


def searches(postmark: PostmarkEmulator) -> int:
    return postmark.calls.count(("GET", "/messages/outbound"))


def messages(shop: Business) -> list[Any]:
    with database.reading(shop.id):
        return database.rows("SELECT * FROM message WHERE status <> 'planned' ORDER BY kind, recipient")


def owed(shop: Business) -> list[UUID]:
    """The effects that send messages, after the booking's event was turned into them."""
    with database.reading(shop.id):
        event = database.value("SELECT id FROM outbox WHERE kind = 'booking.confirmed'")
    relay.answer(event)
    with database.reading(shop.id):
        found = database.rows(
            "SELECT o.id FROM outbox o JOIN message m ON m.id = o.subject_id WHERE o.kind = 'message.send'"
            " ORDER BY m.kind, m.recipient"
        )
        return [row.id for row in found]


def again(shop: Business, kind: str) -> None:
    """As if a lease had run out after the work was done and before it was recorded."""
    with database.writing(), platform_scope(reason="test"):
        database.execute("UPDATE outbox SET status = 'due' WHERE tenant_id = %s AND kind = %s", shop.id, kind)


def effect(effect_id: UUID) -> Any:
    with database.reading(), platform_scope(reason="test"):
        return database.row("SELECT * FROM outbox WHERE id = %s", effect_id)


def test_an_event_that_is_told_twice_owes_each_mail_once(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    owed(shop)
    with database.writing(), platform_scope(reason="a lease that ran out"):
        database.execute(
            "UPDATE outbox SET status = 'due' WHERE kind = 'booking.confirmed' AND tenant_id = %s", shop.id
        )
    mailroom.drain(shop.id)
    owed(shop)
    mailroom.drain(shop.id)
    assert len(letters(mail_folder)) == 3


def test_a_message_that_was_sent_is_not_sent_again(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    mailroom.drain(shop.id)
    for letter in mail_folder.iterdir():
        letter.unlink()
    again(shop, "message.send")
    for effect_id in owed(shop):
        relay.answer(effect_id)
    assert letters(mail_folder) == []


def test_nothing_is_confirmed_that_is_no_longer_so(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    effects = owed(shop)
    until = leaving.cancelling(shop, booking).undo_until
    finish.finish(shop.id, booking.booking_id, at=until)
    for effect_id in effects:
        relay.answer(effect_id)
    assert letters(mail_folder) == []
    assert {(row.status, row.failure) for row in messages(shop)} == {("skipped", "the booking is cancelled")}
    assert {effect(effect_id).status for effect_id in effects} == {"done"}


def test_a_hold_that_was_rolled_back_writes_to_nobody(shop: Business, mail_folder: Path) -> None:
    with pytest.raises(RuntimeError, match="cut"), database.writing(shop.id):
        sold.sell(shop)
        raise RuntimeError("cut")
    mailroom.drain(shop.id)
    assert letters(mail_folder) == []
    assert messages(shop) == []


def test_a_mail_server_that_is_away_leaves_the_booking_alone_and_is_tried_again(
    shop: Business, mail_folder: Path
) -> None:
    sold.sell(shop)
    effects = owed(shop)
    working = delivery.current()
    delivery.install(SmtpChannel(f"smtp://127.0.0.1:{free_port()}"))
    relay.answer(effects[0])
    first = messages(shop)[0]
    assert (first.status, effect(effects[0]).status) == ("due", "due")
    assert "cannot be reached" in first.failure
    delivery.install(working)
    relay.answer(effects[0])
    first = messages(shop)[0]
    assert (first.status, first.failure) == ("sent", "")
    assert len(letters(mail_folder)) == 1


def test_an_address_that_takes_no_mail_is_a_failure_one_can_see(
    shop: Business, mail_folder: Path, postmark: PostmarkEmulator
) -> None:
    postmark.fail_next("POST", "/email", status=422, code=300, times=99)
    sold.sell(shop)
    effects = owed(shop)
    for effect_id in effects:
        relay.answer(effect_id)
    assert {row.status for row in messages(shop)} == {"failed"}
    assert "422 300" in messages(shop)[0].failure
    assert {effect(effect_id).status for effect_id in effects} == {"done"}


def test_after_a_lost_answer_the_mail_is_looked_for_and_not_sent_twice(
    shop: Business, mail_folder: Path, postmark: PostmarkEmulator
) -> None:
    sold.sell(shop)
    effects = owed(shop)
    postmark.drop_answers("POST", "/email", times=99)
    relay.answer(effects[0])
    assert effect(effects[0]).status == "due"
    postmark.clear_faults()
    relay.answer(effects[0])
    assert len(postmark.sent) == 1
    assert (messages(shop)[0].status, messages(shop)[0].provider_message_id) == ("sent", postmark.sent[0]["MessageID"])


def test_what_is_dead_is_seen_as_failed_and_leaves_when_it_is_retried(
    shop: Business, mail_folder: Path, postmark: PostmarkEmulator
) -> None:
    sold.sell(shop)
    effects = owed(shop)
    postmark.fail_next(status=500, times=99)
    pace.install(Pace(first_delay=0, longest_delay=0, most_attempts=2))
    for _ in range(2):
        relay.answer(effects[0])
    assert (effect(effects[0]).status, messages(shop)[0].status) == ("dead", "failed")
    postmark.clear_faults()
    outbox_desk.retry(effects[0], at=time.now())
    asked = searches(postmark)
    relay.answer(effects[0])
    assert messages(shop)[0].status == "sent"
    assert searches(postmark) == asked + 2  # in either stream


def test_a_confirmation_waits_for_nobody_else(shop: Business, mail_folder: Path, postmark: PostmarkEmulator) -> None:
    sold.sell(shop)
    effects = owed(shop)
    postmark.fail_next(status=500, times=99)
    relay.answer(effects[0])
    postmark.clear_faults()
    for effect_id in effects[1:]:
        relay.answer(effect_id)
    assert [row.status for row in messages(shop)] == ["due", "sent", "sent"]
