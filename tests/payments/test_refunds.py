"""Money goes back exactly once, whatever Stripe does between the request and the answer."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.lifecycle.hold import Held
from portal.payments import found, refund_results
from portal.payments import refunds as money_back
from portal.payments.gateway import GatewayError, ProviderRefund
from portal.payments.states import RefundReason
from tasks import pace, relay
from tasks.pace import Pace
from tests.support.till import Till, booking, intent_of, ledger, owed, refunds, rows, stages
from tests.support.world import Business, open_shop

REFUNDS = "/v1/refunds"
DONE = [("owner", 100_000, "COMPLETED")]


def sold(till: Till, shop: Business) -> tuple[Held, UUID]:
    """A confirmed booking and its payment."""
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    return held, payment_id


def ask(shop: Business, payment_id: UUID, **changes: Any) -> UUID:
    return money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now(), **changes)


def made(till: Till) -> list[dict[str, Any]]:
    """The refunds that Stripe has, as it shows them."""
    found = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'refund' ORDER BY seq")
    return [json.loads(row["body"]) for row in found]


def test_the_whole_payment_goes_back(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    request_id = ask(shop, payment_id)
    assert refunds(shop) == [("owner", 100_000, "PENDING")]
    till.work(shop)
    assert refunds(shop) == DONE
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]
    assert stages(shop)[0] == ("DEPOSIT", 100_000, "REFUNDED")
    (refund,) = made(till)
    assert refund["metadata"]["refund_request"] == str(request_id)
    till.deliver(times=2, seed=3)
    assert (refunds(shop), len(ledger(shop))) == (DONE, 2)
    assert booking(shop, held).needs_review is False


def test_never_more_than_is_left(till: Till, shop: Business) -> None:
    _, payment_id = sold(till, shop)
    ask(shop, payment_id, amount_cents=60_000)
    for amount in (40_001, 0, -1):
        with pytest.raises(Invalid):
            ask(shop, payment_id, amount_cents=amount)
    ask(shop, payment_id)
    with pytest.raises(Invalid):
        ask(shop, payment_id)
    till.work(shop)
    assert refunds(shop) == [("owner", 60_000, "COMPLETED"), ("owner", 40_000, "COMPLETED")]
    assert stages(shop)[0][2] == "REFUNDED"


def test_the_commission_goes_back_in_proportion(till: Till) -> None:
    till.stripe.add_account("acct_back")
    shop = open_shop(stripe_account_id="acct_back", commission_percent=Decimal("2.5"))
    _, payment_id = sold(till, shop)
    ask(shop, payment_id, amount_cents=33_333)
    till.work(shop)
    ask(shop, payment_id)
    till.work(shop)
    assert sum(cents for kind, cents in ledger(shop) if kind in {"fee", "fee_refund"}) == 0
    assert ("fee_refund", -833) in ledger(shop)


def test_an_answer_that_is_lost_is_found_by_our_id(till: Till, shop: Business) -> None:
    _, payment_id = sold(till, shop)
    ask(shop, payment_id)
    till.stripe.drop_answers("POST", REFUNDS)
    till.work(shop)
    assert refunds(shop) == [("owner", 100_000, "PROCESSING")]
    till.work(shop)
    assert refunds(shop) == DONE
    assert len(made(till)) == 1
    assert len([each for each in till.stripe.requests if (each.method, each.path) == ("POST", REFUNDS)]) == 1


@pytest.mark.parametrize("status", [429, 409])
def test_a_busy_stripe_is_asked_again(till: Till, shop: Business, status: int) -> None:
    _, payment_id = sold(till, shop)
    ask(shop, payment_id)
    till.stripe.fail_next("POST", REFUNDS, status=status)
    till.work(shop)
    assert refunds(shop)[0][2] == "PROCESSING"
    till.work(shop)
    assert refunds(shop) == DONE


def test_an_error_of_stripes_own_leads_to_one_refund_with_another_key(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    request_id = ask(shop, payment_id)
    till.stripe.fail_next("POST", REFUNDS, status=500)
    for _again in range(2):
        till.work(shop)
    assert [status for _, _, status in refunds(shop)] == ["FAILED", "PENDING"]
    till.work(shop, at=time.now() + timedelta(minutes=1))
    (later,) = rows(shop, "SELECT id, retry_of_id FROM refund_request WHERE status = 'PENDING'")
    money_back.execute(shop.id, later[0], at=time.now())
    assert later[1] == request_id
    assert refunds(shop)[1] == DONE[0]
    assert len(made(till)) == 1
    assert booking(shop, held).needs_review is False
    assert "refund.failed" not in owed(shop)


def test_a_pending_refund_fails_and_is_owed_again(till: Till, shop: Business) -> None:
    _, payment_id = sold(till, shop)
    till.stripe.set_refund_status("pending")
    request_id = ask(shop, payment_id)
    till.work(shop)
    assert (refunds(shop)[0][2], ledger(shop)) == ("PROCESSING", [("capture", 100_000)])
    till.stripe.settle_refund(made(till)[0]["id"], is_success=False)
    till.deliver()
    assert refunds(shop)[0][2] == "FAILED"
    assert owed(shop).count("refund.failed") == 1
    till.stripe.set_refund_status("succeeded")
    money_back.retry(shop.id, request_id, at=time.now())
    with pytest.raises(Conflict):
        money_back.retry(shop.id, request_id, at=time.now())
    till.work(shop)
    assert [status for _, _, status in refunds(shop)] == ["FAILED", "COMPLETED"]
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]


@pytest.mark.parametrize("seed", [None, 5])
def test_a_bank_that_sends_it_back_makes_an_opposite_row(till: Till, shop: Business, seed: int | None) -> None:
    held, payment_id = sold(till, shop)
    ask(shop, payment_id)
    till.work(shop)
    till.stripe.settle_refund(made(till)[0]["id"], is_success=False)
    till.deliver(times=2, seed=seed)
    assert refunds(shop) == [("owner", 100_000, "FAILED")]
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000), ("refund_failed", 100_000)]
    assert owed(shop).count("refund.failed") == 1
    assert booking(shop, held).review_reason == "refund_failed: unknown"
    with database.reading(shop.id):
        assert money_back.left_of(shop.id, payment_id) == 100_000


def test_a_refund_made_by_hand_gets_a_row_and_a_question(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    till.stripe.refund_by_hand(intent_of(till), 70_000)
    till.deliver(times=2)
    assert refunds(shop) == [("external", 70_000, "COMPLETED")]
    assert booking(shop, held).review_reason == "external_refund"
    with pytest.raises(Invalid):
        ask(shop, payment_id, amount_cents=30_001)


def test_a_refund_that_stripe_refuses_is_for_a_person(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    ask(shop, payment_id)
    till.stripe.refund_by_hand(intent_of(till), 100_000)
    till.work(shop)
    assert sorted(refunds(shop)) == [("external", 100_000, "COMPLETED"), ("owner", 100_000, "FAILED")]
    assert booking(shop, held).needs_review
    assert owed(shop).count("refund.failed") == 1
    assert sum(cents for _, cents in ledger(shop)) == 0


def test_a_dispute_stops_the_refund(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    ask(shop, payment_id)
    dispute = till.stripe.open_dispute(intent_of(till))
    till.work(shop)
    assert refunds(shop)[0][2] == "FAILED"
    assert [each.path for each in till.stripe.requests if each.method == "POST" and "refunds" in each.path] == []
    assert "dispute" in booking(shop, held).review_reason
    till.deliver(times=2)
    assert ledger(shop) == [("capture", 100_000), ("dispute", -100_000)]
    with pytest.raises(Invalid):
        ask(shop, payment_id)
    till.stripe.close_dispute(dispute["id"], is_won=True)
    till.deliver(times=2, seed=1)
    assert ledger(shop) == [("capture", 100_000), ("dispute", -100_000), ("dispute_won", 100_000)]
    ask(shop, payment_id)


def test_while_stripe_is_away_the_request_waits(till: Till, shop: Business) -> None:
    _, payment_id = sold(till, shop)
    request_id = ask(shop, payment_id)
    till.stripe.drop_answers("GET", REFUNDS)
    with pytest.raises(GatewayError):
        money_back.execute(shop.id, request_id, at=time.now())
    assert refunds(shop)[0][2] == "PROCESSING"
    money_back.execute(shop.id, request_id, at=time.now())
    money_back.execute(shop.id, request_id, at=time.now())
    assert (refunds(shop), len(made(till))) == (DONE, 1)


def test_what_comes_of_a_request_that_was_given_up_is_in_the_ledger_too(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    request_id = ask(shop, payment_id)
    money_back._begin(shop.id, request_id, time.now())
    with database.writing(shop.id):
        given_up = found.refund_request(shop.id, request_id)
        assert refund_results.fail_quietly(given_up, why="spent_key", at=time.now())
    appeared = ProviderRefund(
        "re_late", "succeeded", 100_000, "USD", intent_of(till), time.now(), {"refund_request": str(request_id)}
    )
    for _ in range(2):
        refund_results.apply(shop.id, payment_id, [appeared], at=time.now())
    assert sorted(refunds(shop)) == [("external", 100_000, "COMPLETED"), ("owner", 100_000, "FAILED")]
    assert sum(cents for _, cents in ledger(shop)) == 0
    assert booking(shop, held).needs_review


def test_a_refund_that_nobody_tries_any_more_is_for_a_person(till: Till, shop: Business) -> None:
    held, payment_id = sold(till, shop)
    request_id = ask(shop, payment_id)
    till.stripe.drop_answers("GET", REFUNDS, times=100)
    with database.reading(shop.id):
        (effect_id,) = next(iter(database.rows("SELECT id FROM outbox WHERE subject_id = %s", request_id)))
    pace.install(Pace(first_delay=0, longest_delay=0, most_attempts=1))
    assert not relay.answer(effect_id)
    assert refunds(shop)[0][2] == "PROCESSING"
    assert booking(shop, held).review_reason == "refund_stopped: no answer for a day"
