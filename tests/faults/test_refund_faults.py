"""Whatever happens between a cancellation's end and Stripe's answers: one refund at the provider for each request."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.kernel import time
from portal.lifecycle import finish
from portal.lifecycle.refund import refund, try_again
from portal.payments import refunds as money_back
from tests.faults.test_money_kills import die, effect_about
from tests.faults.test_money_kills import finish as take_over
from tests.support.leaving import cancelling, pay_the_rest, sold, terms
from tests.support.till import Till, booking, ledger, owed, refunds, rows, till
from tests.support.world import Business

__all__ = ["die", "till"]
pytestmark = pytest.mark.slow

REFUNDS = "/v1/refunds"


def at_its_end(till: Till, shop: Business) -> Any:
    """Two payments, a part of the newest given back before; 150,000 of the rest goes back, over both."""
    held = sold(till, shop)
    pay_the_rest(till, shop, held)
    terms(shop, held, kept='"nothing"', flat_fee_cents="20000")
    refund(
        shop.id, held.booking_id, amount_cents=30_000, reason="It rained.", seen_left_cents=200_000, user_id=None,
        at=time.now(),
    )  # fmt: skip
    till.work(shop)
    until = cancelling(shop, held).undo_until
    finish.finish(shop.id, held.booking_id, at=until)
    assert refunds(shop) == [
        ("owner", 30_000, "COMPLETED"),
        ("cancellation", 70_000, "PENDING"),
        ("cancellation", 80_000, "PENDING"),
    ]
    return held


def made(till: Till) -> list[dict[str, Any]]:
    found = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'refund' ORDER BY seq")
    return [json.loads(row["body"]) for row in found]


def assert_once(till: Till, shop: Business, held: Any) -> None:
    """Three requests, three refunds, each with the id of its own; the ledger says what Stripe says."""
    done = [each for each in refunds(shop) if each[2] != "FAILED"]
    assert sorted(done) == [
        ("cancellation", 70_000, "COMPLETED"),
        ("cancellation", 80_000, "COMPLETED"),
        ("owner", 30_000, "COMPLETED"),
    ]
    there = made(till)
    assert sorted(each["amount"] for each in there) == [30_000, 70_000, 80_000]
    assert len({each["metadata"]["refund_request"] for each in there}) == 3
    assert sum(cents for kind, cents in ledger(shop) if kind == "refund") == -180_000
    assert booking(shop, held).status == "cancelled"


FAULTS: dict[str, Callable[[Till], object]] = {
    "the answer is dropped": lambda till: till.stripe.drop_answers("POST", REFUNDS),
    "500": lambda till: till.stripe.fail_next("POST", REFUNDS, status=500),
    "409": lambda till: till.stripe.fail_next("POST", REFUNDS, status=409),
    "429": lambda till: till.stripe.fail_next("POST", REFUNDS, status=429),
    "the look before is dropped": lambda till: till.stripe.drop_answers("GET", REFUNDS),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_stripe_does(till: Till, shop: Business, fault: str) -> None:
    held = at_its_end(till, shop)
    FAULTS[fault](till)
    for _ in range(3):
        till.work(shop)
    for (request_id,) in rows(shop, "SELECT id FROM refund_request WHERE status = 'PENDING'"):
        money_back.execute(shop.id, request_id, at=time.now())  # what a new key waits for has come
    till.deliver(times=2, seed=7)
    assert_once(till, shop, held)


@pytest.mark.parametrize("failpoint", ["refund.before_call", "refund.after_call"])
def test_a_worker_that_is_killed(till: Till, shop: Business, die: Any, failpoint: str) -> None:
    held = at_its_end(till, shop)
    ((request_id,), *_) = rows(shop, "SELECT id FROM refund_request WHERE status = 'PENDING' ORDER BY id")
    effect_id = effect_about(request_id)
    die(failpoint, "answer", effect_id)
    take_over(effect_id)
    till.work(shop)
    till.deliver()
    assert_once(till, shop, held)


def test_the_webhook_before_our_own_commit(till: Till, shop: Business, die: Any) -> None:
    held = at_its_end(till, shop)
    ((request_id,), *_) = rows(shop, "SELECT id FROM refund_request WHERE status = 'PENDING' ORDER BY id")
    die("refund.after_call", "answer", effect_about(request_id))
    till.deliver()  # nobody has written down what Stripe answered
    assert refunds(shop)[1][2] == "COMPLETED"
    take_over(effect_about(request_id))
    till.work(shop)
    assert_once(till, shop, held)


def test_failed_after_success_is_seen_and_tried_again(till: Till, shop: Business) -> None:
    held = at_its_end(till, shop)
    till.work(shop)
    bounced = made(till)[1]
    till.stripe.settle_refund(bounced["id"], is_success=False, reason="lost_or_stolen_card")
    till.deliver(times=2, seed=3)
    assert booking(shop, held).status == "cancelled"
    assert "refund_failed" in booking(shop, held).review_reason
    assert owed(shop).count("refund.failed") == 1
    ((request_id,),) = rows(shop, "SELECT id FROM refund_request WHERE status = 'FAILED'")
    try_again(shop.id, held.booking_id, request_id, user_id=None, at=time.now())
    till.work(shop)
    till.deliver(times=2)
    going = [(kind, cents) for kind, cents in ledger(shop) if kind.startswith("refund")]
    assert sum(cents for _, cents in going) == -180_000
    assert len(made(till)) == 4
    assert len(rows(shop, "SELECT id FROM refund_request WHERE quote_id IS NOT NULL")) == 3
