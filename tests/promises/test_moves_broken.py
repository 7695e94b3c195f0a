"""What would be wrong about a move that waits, or that is done, is seen, and seen as what it is."""

from datetime import timedelta

import pytest

from portal.bookings.states import Actor
from portal.kernel import time
from portal.lifecycle import move
from portal.lifecycle.hold import Held
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import moving

pytestmark = pytest.mark.slow
PAST_ITS_END = timedelta(minutes=41)
WAITING = {
    "P1": {
        "one of its days is missing": "DELETE FROM date_claim WHERE quote_id IS NOT NULL",
        "another day is kept": "UPDATE date_claim SET claimed_on = claimed_on + 400 WHERE quote_id IS NOT NULL",
        "the day is its own already": "UPDATE date_claim SET quote_id = NULL WHERE quote_id IS NOT NULL",
        "the old day is only kept": "UPDATE date_claim SET kind = 'hold', quote_id = (SELECT quote_id FROM date_claim"
        " WHERE quote_id IS NOT NULL) WHERE kind = 'event'",
        "the move has lapsed and its day is kept": "UPDATE change_quote SET status = 'lapsed' WHERE kind = 'move';"
        "UPDATE booking_payment_stage SET status = 'VOID' WHERE quote_id IS NOT NULL;"
        "UPDATE checkout SET stripe_checkout_session_id = NULL WHERE purpose = 'move'",
    },
    "P11": {
        "what waits is owed already": "UPDATE booking_payment_stage SET quote_id = NULL WHERE quote_id IS NOT NULL",
        "the price has risen before it is paid": "UPDATE booking SET total_cents = total_cents + 5000,"
        " net_cents = net_cents + 5000",
        "a line is missing": "DELETE FROM booking_line",
    },
}


@pytest.fixture
def held(proof: Proof) -> Held:
    """A booking whose move waits for its fee."""
    made = Story(proof.till, proof.shop).sell()
    moving.terms(proof.shop, made, moving.FOR_A_FEE)
    moving.waiting(proof.shop, made)
    assert proof.violations() == []
    return made


@pytest.mark.parametrize(("promise", "mutant"), [(name, each) for name, mutants in WAITING.items() for each in mutants])
def test_a_move_that_waits_is_looked_at(proof: Proof, held: Held, promise: str, mutant: str) -> None:
    proof.tamper(*WAITING[promise][mutant].split(";"))
    assert proof.broken() == {promise}


def test_p11_sees_a_stage_of_a_move_that_lapsed(proof: Proof, held: Held) -> None:
    move.give_up(proof.shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert proof.violations() == []
    proof.tamper("UPDATE booking_payment_stage SET status = 'PENDING' WHERE status = 'VOID'")
    assert proof.broken() == {"P11"}


def test_p4_sees_a_move_that_nobody_let_lapse(proof: Proof, held: Held) -> None:
    past = time.now() + PAST_ITS_END
    assert proof.violations(at=past) == []  # its session is still open at Stripe
    proof.till.stripe.expire_session(moving.session(proof.shop, held))
    assert proof.violations() == []
    assert [(each.promise, each.subject) for each in proof.violations(at=past)] == [("P4", held.reference)]


def test_p4_sees_a_move_that_was_given_up_while_it_could_still_be_paid(proof: Proof, held: Held) -> None:
    proof.tamper(
        "UPDATE change_quote SET status = 'lapsed' WHERE kind = 'move'",
        "UPDATE booking_payment_stage SET status = 'VOID' WHERE quote_id IS NOT NULL",
        "DELETE FROM date_claim WHERE quote_id IS NOT NULL",
    )
    (violation,) = proof.violations()
    assert str(violation) == f"P4 {held.reference}: gave a move up, and its session can still be paid"


def test_whatever_became_of_a_move_every_promise_holds(proof: Proof, held: Held) -> None:
    moving.pay(proof.till, proof.shop, held)
    proof.till.work(proof.shop)
    assert proof.violations() == []
    with_todays_price = {**moving.FREELY, "price": "new"}
    moving.terms(proof.shop, held, with_todays_price)
    proof.tamper("UPDATE package SET base_price_cents = 80000")
    moving.moved(proof.shop, held, moving.later(proof.shop, 60))
    proof.till.work(proof.shop)
    assert proof.violations() == []
    proof.tamper("UPDATE booking SET credited_cents = credited_cents - 1")
    assert proof.broken() == {"P11"}
