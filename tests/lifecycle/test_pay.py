"""What is still open is paid at Stripe, any part of it at any time, and no part is ever kept paid twice."""

from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest

from portal.bookings.states import Actor
from portal.devtools.stripe_emulator import CARD_DECLINED, CARD_DELAYED
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle import undo
from portal.lifecycle.pay import NotPayable
from portal.lifecycle.reconcile import reconcile
from portal.payments import checkouts
from portal.payments import service as money
from portal.payments.checkouts import NotOpened, Opened, WhyNot
from tests.support import leaving, paying
from tests.support.couples import in_half_a_year
from tests.support.till import Till, booking, ledger, owed, refunds, rows, stages
from tests.support.world import Business, open_shop

SESSIONS = "/v1/checkout/sessions"


def test_the_rest_can_be_paid_long_before_it_is_due(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    opened = paying.ask(shop, held)
    assert isinstance(opened, Opened)
    (attempt,) = paying.tries(shop, held)
    assert attempt.parameters["success_url"].endswith("/paid?session={CHECKOUT_SESSION_ID}")
    till.stripe.pay(attempt.stripe_checkout_session_id or "")
    till.deliver()
    assert stages(shop) == [("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "COMPLETED")]
    assert ledger(shop) == [("capture", 100_000), ("capture", 100_000)]
    assert paying.captured_at_stripe(till) == [100_000, 100_000]
    assert owed(shop).count("booking.stages_paid") == 1
    assert owed(shop).count("booking.confirmed") == 1


def test_several_stages_go_into_one_checkout_and_the_others_stay_open(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first, _, third = paying.in_instalments(shop, held, 20_000, 30_000, 50_000)
    paying.ask(shop, held, first, third)
    (attempt,) = paying.tries(shop, held)
    amounts = [line["price_data"]["unit_amount"] for line in attempt.parameters["line_items"]]
    assert (amounts, attempt.amount_cents) == ([20_000, 50_000], 70_000)
    till.stripe.pay(attempt.stripe_checkout_session_id or "")
    till.deliver(times=2, seed=3)
    assert [status for _, _, status in stages(shop)] == ["COMPLETED", "COMPLETED", "PENDING", "COMPLETED"]
    assert rows(shop, "SELECT amount_cents FROM payment_allocation ORDER BY amount_cents") == [
        (20_000,),
        (50_000,),
        (100_000,),
    ]


def test_the_same_choice_finds_its_session_again_and_another_choice_ends_it_first(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    one = paying.ask(shop, held, first)
    assert paying.ask(shop, held, first) == one
    other = paying.ask(shop, held, first, second)
    assert isinstance(other, Opened)
    assert [each.status for each in paying.tries(shop, held)] == ["expired", "open"]
    asked = [each.path for each in till.stripe.requests if each.method == "POST" and SESSIONS in each.path]
    assert asked[-2:] == [f"{SESSIONS}/{paying.sessions(shop, held)[0]}/expire", SESSIONS]


def test_a_session_that_ends_in_a_moment_gives_way_to_a_new_one(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    later = time.now() + timedelta(minutes=32)
    till.stripe.shift_clock(32 * 60)
    assert isinstance(paying.ask(shop, held, at=later), Opened)
    assert [each.status for each in paying.tries(shop, held)] == ["expired", "open"]


def test_the_commission_over_all_stages_is_the_commission_of_the_booking(till: Till) -> None:
    till.stripe.add_account("acct_instalments")
    shop = open_shop(stripe_account_id="acct_instalments", commission_percent=Decimal("3.33"))
    held = leaving.sold(till, shop)
    first, second, third = paying.in_instalments(shop, held, 33_333, 33_333, 33_334)
    for chosen in ((second,), (first, third)):
        paying.ask(shop, held, *chosen)
        till.stripe.pay(paying.sessions(shop, held)[-1])
        till.deliver()
    fees = [cents for kind, cents in ledger(shop) if kind == "fee"]
    assert sum(fees) == booking(shop, held).commission_cents == 6_660
    assert {status for _, _, status in stages(shop)} == {"COMPLETED"}


def test_a_second_payment_for_a_stage_goes_back_by_itself(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first = leaving.open_session_for_the_rest(till, shop, held)  # as if it could not be ended
    with_another = leaving.open_session_for_the_rest(till, shop, held)
    for session in (first, with_another):
        till.stripe.pay(session)
    till.deliver(times=2)
    till.work(shop)
    assert refunds(shop) == [("duplicate", 100_000, "COMPLETED")]
    assert stages(shop)[1][2] == "COMPLETED"
    assert paying.captured_at_stripe(till) == [100_000, 100_000]
    assert booking(shop, held).status == "confirmed"


def test_a_stage_that_is_no_longer_owed_is_given_back_in_full(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    money.void_stages(shop.id, held.booking_id)
    till.stripe.pay(paying.sessions(shop, held)[0])
    till.deliver()
    till.work(shop)
    assert refunds(shop) == [("not_owed", 100_000, "COMPLETED")]


def test_what_is_paid_while_it_is_being_cancelled_comes_back_and_is_owed_again_after_an_undo(
    till: Till, shop: Business
) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    leaving.cancelling(shop, held)
    till.stripe.pay(paying.sessions(shop, held)[0])
    till.deliver()
    till.work(shop)
    assert refunds(shop) == [("not_owed", 100_000, "COMPLETED")]
    undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert stages(shop)[1][2] == "PENDING"
    assert isinstance(paying.ask(shop, held), Opened)


def test_a_cancelled_booking_is_not_paid(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    rest = paying.open_stages(shop, held)
    leaving.cancelling(shop, held)
    with pytest.raises(NotPayable, match="being cancelled"):
        paying.ask(shop, held, *rest)
    assert paying.tries(shop, held) == []


def test_a_hold_is_not_paid_here(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    with pytest.raises(NotPayable, match="held and not paid yet"):
        paying.ask(shop, held)


def test_what_is_paid_or_invented_or_of_another_booking_cannot_be_chosen(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    other = leaving.sold(till, shop, event_on=in_half_a_year(shop, plus=9))
    ((paid,),) = rows(
        shop, "SELECT id FROM booking_payment_stage WHERE booking_id = %s AND status = 'COMPLETED'", held.booking_id
    )
    for stage in (paid, uuid7(), *paying.open_stages(shop, other)):
        with pytest.raises(NotPayable, match="paid or changed meanwhile"):
            paying.ask(shop, held, *paying.open_stages(shop, held), stage)
    assert paying.tries(shop, held) == []


def test_a_declined_card_changes_nothing(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    till.stripe.pay(paying.sessions(shop, held)[0], CARD_DECLINED)
    till.deliver()
    assert stages(shop)[1][2] == "PENDING"
    till.stripe.pay(paying.sessions(shop, held)[0])
    till.deliver()
    assert stages(shop)[1][2] == "COMPLETED"


def test_a_delayed_payment_that_fails_leaves_the_booking_and_is_tried_again(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    till.stripe.pay(paying.sessions(shop, held)[0], CARD_DELAYED)
    till.deliver()
    assert paying.tries(shop, held)[0].status == "processing"
    with pytest.raises(NotPayable, match="on its way"):
        paying.ask(shop, held)
    till.stripe.settle_delayed(paying.sessions(shop, held)[0], is_success=False)
    till.deliver()
    assert (stages(shop)[1][2], booking(shop, held).status) == ("FAILED", "confirmed")
    assert owed(shop).count("booking.payment_failed") == 1
    assert isinstance(paying.ask(shop, held), Opened)
    assert stages(shop)[1][2] == "PENDING"
    till.stripe.pay(paying.sessions(shop, held)[1])
    till.deliver()
    assert stages(shop)[1][2] == "COMPLETED"


def test_a_lost_answer_is_found_with_the_same_key(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    till.stripe.drop_answers("POST", SESSIONS)
    lost = paying.ask(shop, held)
    assert isinstance(lost, NotOpened)
    assert lost.reason is WhyNot.UNKNOWN
    assert isinstance(paying.ask(shop, held), Opened)
    (attempt,) = paying.tries(shop, held)
    keys = [each.idempotency_key for each in till.stripe.requests if (each.method, each.path) == ("POST", SESSIONS)]
    assert keys[-2:] == [attempt.idempotency_key] * 2


def test_a_choice_is_not_changed_while_stripe_cannot_end_the_one_before(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    paying.ask(shop, held, first)
    till.stripe.fail_next("POST", f"{SESSIONS}/{paying.sessions(shop, held)[0]}/expire", status=500)
    answer = paying.ask(shop, held, second)
    assert isinstance(answer, NotOpened)
    assert answer.reason is WhyNot.UNKNOWN
    assert [each.status for each in paying.tries(shop, held)] == ["open"]
    assert isinstance(paying.ask(shop, held, second), Opened)


def test_a_session_that_was_paid_meanwhile_is_not_replaced(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    paying.ask(shop, held, first)
    till.stripe.pay(paying.sessions(shop, held)[0])
    answer = paying.ask(shop, held, first, second)
    assert isinstance(answer, NotOpened)
    assert answer.reason is WhyNot.PAID
    till.work(shop)
    assert [status for _, _, status in stages(shop)] == ["COMPLETED", "COMPLETED", "PENDING"]
    assert isinstance(paying.ask(shop, held, second), Opened)


@pytest.mark.usefixtures("own_database")
def test_a_session_that_nobody_used_ends_and_nothing_else_changes(till: Till) -> None:
    shop = open_shop()
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    assert isinstance(checkouts.current(shop.id, held.booking_id), checkouts.CheckoutView)
    before = booking(shop, held)
    till.stripe.expire_session(paying.sessions(shop, held)[0])
    reconcile(time.now() + timedelta(minutes=5))
    assert [each.status for each in paying.tries(shop, held)] == ["expired"]
    assert booking(shop, held) == before
    assert stages(shop)[1][2] == "PENDING"
    assert isinstance(paying.ask(shop, held), Opened)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [30, 4])
def test_a_stripe_that_is_slow_to_end_a_session_is_left_in_time_and_asked_again(
    till: Till, shop: Business, seconds: int
) -> None:
    held = leaving.sold(till, shop)
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    paying.ask(shop, held, first)
    till.stripe.hang_next("POST", f"{SESSIONS}/{paying.sessions(shop, held)[0]}/expire", seconds=seconds)
    started = monotonic()
    answer = paying.ask(shop, held, second)
    assert monotonic() - started < 10
    assert isinstance(answer, NotOpened)
    assert answer.reason is WhyNot.UNKNOWN
    assert isinstance(paying.ask(shop, held, second), Opened)
    assert [each.status for each in paying.tries(shop, held)] == ["expired", "open"]


@pytest.mark.slow
def test_a_stripe_that_hangs_is_left_within_ten_seconds(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    till.stripe.hang_next("POST", SESSIONS, seconds=30)
    started = monotonic()
    answer = paying.ask(shop, held)
    assert monotonic() - started < 10
    assert isinstance(answer, NotOpened)
    assert [each.status for each in paying.tries(shop, held)] == ["creating"]
    assert (booking(shop, held).status, stages(shop)[1][2]) == ("confirmed", "PENDING")
