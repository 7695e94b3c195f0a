"""A mail that failed is seen and sent once more by whoever may, once, and only if what it says is still so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.kernel import time
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import uuid7
from portal.lifecycle import finish
from portal.messages import failed
from tasks import pace, relay
from tasks.pace import Pace
from tests.support import leaving, mailroom, sold
from tests.support.postmark import postmark
from tests.support.sold import Sold
from tests.support.world import Business

__all__ = ["postmark"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody rings; what failed is due again at once."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    pace.install(Pace(first_delay=0, longest_delay=0, most_attempts=2))
    yield
    pace.install(Pace())


def drain(shop: Business) -> None:
    """Send what is owed. That the business hears of what failed is another test's."""
    mailroom.drain(shop.id, but=("message.failed",))


@dataclass
class Mails:
    """A booking's three mails, none of which anybody took."""

    shop: Business
    booking: Sold

    def rows(self) -> list[Any]:
        with database.reading(self.shop.id):
            return database.rows("SELECT * FROM message WHERE status <> 'planned' ORDER BY kind, recipient")

    def states(self) -> list[str]:
        return [row.status for row in self.rows()]

    def retry(self, message_id: UUID) -> None:
        failed.retry(self.shop.id, self.booking.booking_id, message_id, at=time.now())

    def effects(self) -> list[str]:
        with database.reading(self.shop.id):
            found = database.rows(
                "SELECT status FROM outbox WHERE kind = 'message.send' AND tenant_id = %s", self.shop.id
            )
        return [row.status for row in found]


@pytest.fixture
def mails(shop: Business, postmark: PostmarkEmulator) -> Mails:
    postmark.fail_next("POST", "/email", status=422, code=300, times=99)
    found = Mails(shop, sold.sell(shop))
    drain(shop)
    assert found.states() == ["failed"] * 3
    postmark.clear_faults()
    return found


def test_what_was_refused_leaves_when_it_is_sent_once_more(mails: Mails, postmark: PostmarkEmulator) -> None:
    first, *others = mails.rows()
    mails.retry(first.id)
    assert mails.states() == ["due", "failed", "failed"]
    drain(mails.shop)
    assert mails.states() == ["sent", "failed", "failed"]
    assert mails.rows()[0].failure == ""
    assert len(postmark.sent) == 1
    assert [each.failure for each in others] == [each.failure for each in mails.rows()[1:]]


def test_a_second_press_changes_nothing(mails: Mails) -> None:
    first = mails.rows()[0]
    mails.retry(first.id)
    with pytest.raises(Conflict, match="has not failed"):
        mails.retry(first.id)
    drain(mails.shop)
    with pytest.raises(Conflict, match="has not failed"):
        mails.retry(first.id)
    assert mails.effects().count("due") == 0


def test_refused_again_it_has_failed_again(mails: Mails, postmark: PostmarkEmulator) -> None:
    postmark.fail_next("POST", "/email", status=422, code=300, times=99)
    mails.retry(mails.rows()[0].id)
    drain(mails.shop)
    assert mails.states() == ["failed"] * 3
    mails.retry(mails.rows()[0].id)


def test_what_is_no_longer_so_is_not_sent(mails: Mails, postmark: PostmarkEmulator) -> None:
    until = leaving.cancelling(mails.shop, mails.booking).undo_until
    finish.finish(mails.shop.id, mails.booking.booking_id, at=until)
    first = mails.rows()[0]
    mails.retry(first.id)
    mailroom.drain(mails.shop.id, but=("booking.cancelling", "booking.cancelled", "message.failed"))
    with database.reading(mails.shop.id):
        row = database.row("SELECT status, failure FROM message WHERE id = %s", first.id)
    assert tuple(row) == ("skipped", "the booking is cancelled")  # type: ignore[arg-type]
    assert postmark.sent == []


def test_an_effect_that_died_with_it_comes_to_life_again_and_looks_first(
    shop: Business, postmark: PostmarkEmulator
) -> None:
    mails = Mails(shop, sold.sell(shop))
    postmark.drop_answers("POST", "/email", times=99)  # takes the mail and loses the answer
    drain(shop)
    with database.writing(), platform_scope(reason="test"):
        database.execute("UPDATE outbox SET status = 'dead' WHERE kind = 'message.send' AND tenant_id = %s", shop.id)
    with database.writing(shop.id):
        database.execute("UPDATE message SET status = 'failed' WHERE status = 'due'")
    postmark.clear_faults()
    taken = len(postmark.sent)
    for row in mails.rows():
        mails.retry(row.id)
    assert mails.effects() == ["due"] * 3
    drain(shop)
    assert mails.states() == ["sent"] * 3
    assert len(postmark.sent) == taken


def test_one_that_came_back_while_it_was_tried_again_is_owed_once(shop: Business, postmark: PostmarkEmulator) -> None:
    mails = Mails(shop, sold.sell(shop))
    postmark.drop_answers("POST", "/email", times=99)
    drain(shop)
    with database.writing(shop.id):
        database.execute(
            "UPDATE message SET status = 'failed', bounced_id = 'copy', bounced_at = now() WHERE status = 'due'"
        )
    assert mails.effects() == ["due"] * 3
    for row in mails.rows():
        mails.retry(row.id)
    assert mails.effects() == ["due"] * 3


def test_nobody_reaches_a_message_of_another_booking_or_business(mails: Mails, rival: Business) -> None:
    theirs, message_id = sold.sell(rival), mails.rows()[0].id
    attempts = [
        (rival.id, theirs.booking_id),
        (rival.id, mails.booking.booking_id),
        (mails.shop.id, theirs.booking_id),
    ]
    for tenant_id, booking_id in attempts:
        with pytest.raises(NotFound):
            failed.retry(tenant_id, booking_id, message_id, at=time.now())
    assert mails.states() == ["failed"] * 3


def test_an_operator_sees_all_of_them_and_sends_one_once_more(mails: Mails) -> None:
    mine = [each for each in failed.listed() if each.tenant == mails.shop.slug]
    assert {each.about for each in mine} == {mails.booking.reference}
    assert {each.recipient for each in mine} == {
        "anna@couple.example", "ben@couple.example", "hello@juniper.example"
    }  # fmt: skip
    failed.retry_any(mine[0].id, at=time.now())
    assert mails.states().count("due") == 1
    with pytest.raises(NotFound, match="no such message"):
        failed.retry_any(uuid7(), at=time.now())
