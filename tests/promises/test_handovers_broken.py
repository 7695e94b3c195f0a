"""P7: a move that lets go of one date before it has the other, or that ends with both, is seen at any instant."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from portal.availability import service as dates
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import move
from portal.lifecycle.hold import Held
from portal.promises import handovers
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import moving

pytestmark = pytest.mark.slow


def told(proof: Proof) -> list[str]:
    found = handovers.moves(time.now())
    assert {each.promise for each in found} <= {"P7"}
    return [each.what for each in found]


@pytest.fixture
def sold(proof: Proof) -> Held:
    """A booking of a day and a buffer day that may move for free."""
    proof.shop.package("with-buffer", buffer_days=1)
    held = Story(proof.till, proof.shop).sell(package_slug="with-buffer")
    moving.terms(proof.shop, held, {**moving.FREELY, "free_moves": 9})
    return held


@pytest.fixture
def waiting(proof: Proof, sold: Held) -> Held:
    """The same, and its move waits for a fee."""
    moving.terms(proof.shop, sold, moving.FOR_A_FEE)
    moving.waiting(proof.shop, sold)
    assert told(proof) == []
    return sold


def test_moves_of_every_end_break_nothing(proof: Proof, waiting: Held) -> None:
    move.give_up(proof.shop.id, waiting.booking_id, actor=Actor.COUPLE, at=time.now())
    assert told(proof) == []
    moving.waiting(proof.shop, waiting, moving.later(proof.shop, 2))  # its new days lie beside the old ones
    assert told(proof) == []
    moving.pay(proof.till, proof.shop, waiting)
    moving.terms(proof.shop, waiting, {**moving.FREELY, "free_moves": 9})
    for days in (1, 0, 2, 10, 1):
        moving.moved(proof.shop, waiting, moving.later(proof.shop, days))
        assert told(proof) == []


@pytest.mark.parametrize(
    ("mutant", "what"),
    [
        ("DELETE FROM date_claim WHERE kind = 'event'", "has 1 of the 2 days of its date"),
        ("DELETE FROM date_claim WHERE kind = 'buffer'", "has 1 of the 2 days of its date"),
        ("DELETE FROM date_claim WHERE quote_id IS NOT NULL", "keeps 0 of the 2 days it waits to move to"),
    ],
)
def test_p7_sees_a_move_that_waits_without_one_of_its_dates(
    proof: Proof, waiting: Held, mutant: str, what: str
) -> None:
    proof.tamper(mutant)
    assert told(proof) == [what]


def test_p7_sees_a_move_that_lapses_and_keeps_the_new_date(
    proof: Proof, waiting: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "release_change", lambda *_, **__: None)
    move.give_up(proof.shop.id, waiting.booking_id, actor=Actor.COUPLE, at=time.now())
    assert [what.split(", and ")[1] for what in told(proof)] == ["is not there nor on its way"] * 2


def test_p7_sees_a_move_that_ends_with_both_dates(proof: Proof, sold: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.availability.claims.free", lambda *_: None)
    moving.moved(proof.shop, sold)
    assert [what.split(", and ")[1] for what in told(proof)] == ["is not there nor on its way"] * 2


def test_p7_sees_a_move_that_begins_without_keeping_the_new_date(
    proof: Proof, sold: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.terms(proof.shop, sold, moving.FOR_A_FEE)
    monkeypatch.setattr("portal.availability.service.claim_for_change", lambda *_, **__: None)
    moving.waiting(proof.shop, sold)
    assert told(proof) == ["keeps 0 of the 2 days it waits to move to"]


@pytest.mark.parametrize(
    ("mutant", "part"),
    [
        ("UPDATE booking SET event_on = event_on + 1", "its last move led to"),
        ("UPDATE booking SET original_on = original_on + 1", "and was on"),
        ("UPDATE change_quote SET status = 'lapsed' WHERE status = 'done'", "by a quote that is not done"),
        ("UPDATE change_quote SET ended_at = ended_at + interval '1 second'", "by a quote that is not done"),
        ("DELETE FROM booking_event WHERE kind = 'moved'", "its timeline does not know"),
    ],
)
def test_p7_sees_a_way_that_is_broken(proof: Proof, sold: Held, mutant: str, part: str) -> None:
    moving.moved(proof.shop, sold)
    assert told(proof) == []
    proof.tamper(mutant)
    assert any(part in what for what in told(proof))


@pytest.fixture
def watched() -> Iterator[list[str]]:
    """What is seen by somebody who looks again and again from beginning to end."""
    seen: list[str] = []
    enough = threading.Event()

    def look() -> None:
        while not enough.is_set():
            seen.extend(each.what for each in handovers.moves(time.now()))
        database.db.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    enough.set()
    watcher.join()


def there_and_back(proof: Proof, held: Held) -> None:
    for days in (10, 0) * 8:
        moving.moved(proof.shop, held, moving.later(proof.shop, days), actor=Actor.OWNER)


def test_at_no_instant_of_many_moves_is_a_date_missing_or_double(proof: Proof, sold: Held, watched: list[str]) -> None:
    there_and_back(proof, sold)
    assert watched == []


def test_p7_sees_the_instant_in_which_a_move_has_let_go_and_not_yet_taken(
    proof: Proof, sold: Held, watched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dates.claim_days

    def in_two_steps(tenant_id: Any, *, booking_id: Any, **rest: Any) -> None:
        """A mutant: the old days go in a transaction of their own, before the new ones come."""

        def let_go() -> None:
            dates.release_days(tenant_id, booking_id=booking_id)

        other = threading.Thread(target=let_go)
        other.start()
        other.join()
        real(tenant_id, booking_id=booking_id, **rest)

    monkeypatch.setattr(dates, "claim_days", in_two_steps)
    there_and_back(proof, sold)
    assert "has 0 of the 2 days of its date" in watched
