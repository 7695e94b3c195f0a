"""A couple, a business and a clock at the same instant: one of them wins, and the money is right. Real threads."""

from datetime import timedelta

import pytest

from portal.bookings.states import Actor
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.lifecycle import cancel, finish, undo
from portal.lifecycle.cancel import Confirmed, NotCancellable
from portal.lifecycle.quote import Requoted
from portal.lifecycle.refund import refund, try_again
from portal.lifecycle.settle import Outcome, settle
from portal.lifecycle.undo import NotUndoable
from tests.concurrency.test_settle_races import race
from tests.support.days import claims_of
from tests.support.leaving import cancelling, open_session_for_the_rest, pay_the_rest, quotes, see, sold, terms
from tests.support.till import Till, booking, checkout, ledger, owed, refunds, rows, till
from tests.support.world import Business

__all__ = ["till"]
pytestmark = pytest.mark.slow
NOTHING_KEPT = {"kept": '"nothing"'}
RACERS = 6


@pytest.mark.parametrize("_round", range(4))
def test_undo_in_the_moment_of_the_windows_end(till: Till, shop: Business, _round: int) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT)
    until = cancelling(shop, held).undo_until
    *_, undone = race(
        *[lambda: finish.finish(shop.id, held.booking_id, at=until)] * 3,
        lambda: undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=until - timedelta(microseconds=1)),
    )
    till.work(shop)
    if isinstance(undone, NotUndoable):
        assert booking(shop, held).status == "cancelled"
        assert claims_of(shop) == {}
        assert refunds(shop) == [("cancellation", 100_000, "COMPLETED")]
        assert [status for status, _ in quotes(shop)] == ["done"]
    else:
        assert undone is None
        assert booking(shop, held).status == "confirmed"
        assert [kind for kind, _ in claims_of(shop).values()] == ["event"]
        assert refunds(shop) == []
        assert [status for status, _ in quotes(shop)] == ["lapsed"]


def test_many_tabs_confirm_the_same_figures_once(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    quote = see(shop, held)
    answers = race(
        *[lambda: cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=time.now())] * RACERS
    )
    assert sum(isinstance(each, Confirmed) for each in answers) == 1
    assert sum(isinstance(each, NotCancellable) for each in answers) == RACERS - 1
    assert owed(shop).count("booking.cancelling") == 1


def test_the_couple_and_the_business_cancel_at_once(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    theirs = see(shop, held)
    ours = see(shop, held, actor=Actor.OWNER, refund_cents=100_000, reason="The barn has burnt down.")
    answers = race(
        lambda: cancel.confirm(shop.id, held.booking_id, theirs.id, actor=Actor.COUPLE, at=time.now()),
        lambda: cancel.confirm(shop.id, held.booking_id, ours.id, actor=Actor.OWNER, at=time.now()),
    )
    won = [isinstance(each, Confirmed) for each in answers]
    assert sorted(won) == [False, True]
    row = booking(shop, held)
    assert (row.cancel_actor, row.cancel_refund_cents) == (("couple", 0) if won[0] else ("owner", 100_000))
    assert sorted(status for status, _ in quotes(shop)) == ["confirmed", "lapsed"]


def test_a_cancellation_against_a_refund_of_the_business(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT)
    quote = see(shop, held)

    def give() -> object:
        return refund(
            shop.id, held.booking_id, amount_cents=30_000, reason="It rained.", seen_left_cents=100_000, user_id=None,
            at=time.now(),
        )  # fmt: skip

    answer, given = race(
        lambda: cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=time.now()), give
    )
    assert not isinstance(given, Exception)
    if isinstance(answer, Requoted):
        assert answer.quote.result["refund_cents"] == 70_000
        answer = cancel.confirm(shop.id, held.booking_id, answer.quote.id, actor=Actor.COUPLE, at=time.now())
    assert isinstance(answer, Confirmed)
    finish.finish(shop.id, held.booking_id, at=answer.undo_until)
    till.work(shop)
    assert sum(cents for _, cents, _ in refunds(shop)) == 100_000
    assert sum(cents for _, cents in ledger(shop)) == 0


def test_a_cancellation_against_a_payment_in_flight(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT)
    till.stripe.pay(open_session_for_the_rest(till, shop, held))
    checkout_id, quote = checkout(shop, held).id, see(shop, held)
    settled, answer = race(
        lambda: settle(shop.id, checkout_id, at=time.now()).outcome,
        lambda: cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=time.now()),
    )
    if isinstance(answer, Requoted):
        assert (settled, answer.quote.result["refund_cents"]) == (Outcome.CONFIRMED, 200_000)
        answer = cancel.confirm(shop.id, held.booking_id, answer.quote.id, actor=Actor.COUPLE, at=time.now())
    else:
        assert settled is Outcome.RETURNED
    assert isinstance(answer, Confirmed)
    finish.finish(shop.id, held.booking_id, at=answer.undo_until)
    till.work(shop)
    assert sum(cents for _, cents in ledger(shop)) == 0
    assert {status for _, _, status in refunds(shop)} == {"COMPLETED"}


def test_two_refunds_that_together_exceed_it_are_one(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    pay_the_rest(till, shop, held)

    def give() -> object:
        return refund(
            shop.id, held.booking_id, amount_cents=150_000, reason="Twice.", seen_left_cents=200_000, user_id=None,
            at=time.now(),
        )  # fmt: skip

    answers = race(give, give)
    assert sorted(isinstance(each, Invalid) for each in answers) == [False, True]
    assert [cents for _, cents, _ in refunds(shop)] == [100_000, 50_000]


def test_a_failed_refund_is_tried_again_once(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    till.stripe.set_refund_status("failed")
    refund(
        shop.id, held.booking_id, amount_cents=50_000, reason="Once.", seen_left_cents=100_000, user_id=None,
        at=time.now(),
    )  # fmt: skip
    till.work(shop)
    assert refunds(shop) == [("owner", 50_000, "FAILED")]
    ((request_id,),) = rows(shop, "SELECT id FROM refund_request")
    answers = race(*[lambda: try_again(shop.id, held.booking_id, request_id, user_id=None, at=time.now())] * RACERS)
    assert sum(isinstance(each, Conflict) for each in answers) == RACERS - 1
    assert len(refunds(shop)) == 2
