"""Giving a booking up: what was shown is what is done, it can be undone for a while, and then the money goes back."""

from datetime import timedelta

import pytest

from portal.bookings.states import Actor
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.lifecycle import cancel, finish, undo
from portal.lifecycle.cancel import Confirmed, NotCancellable
from portal.lifecycle.quote import LIFETIME, Requoted, WhyNot
from portal.lifecycle.undo import NotUndoable
from portal.payments import refunds as money_back
from portal.payments.gateway import GatewayError
from portal.payments.states import RefundReason
from portal.tenants import service as tenants
from tests.support.days import claims_of
from tests.support.leaving import cancelling, open_session_for_the_rest, pay_the_rest, quotes, see, sold, terms
from tests.support.till import Till, booking, ledger, owed, refunds, rows, stages
from tests.support.world import Business, open_shop

WINDOW = timedelta(minutes=60)
NOTHING_KEPT = {"kept": '"nothing"'}


def test_both_payments_are_shown_the_newest_first_and_given_back_at_the_end(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    pay_the_rest(till, shop, held)
    terms(shop, held, **NOTHING_KEPT, flat_fee_cents="30000")
    quote = see(shop, held)
    assert (quote.result["refund_cents"], quote.result["kept_cents"]) == (170_000, 30_000)
    parts = [part["amount_cents"] for part in quote.result["refunds"]]
    assert parts == [100_000, 70_000]
    at = time.now()
    confirmed = cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=at, reason="We moved.")
    assert confirmed == Confirmed(at + WINDOW, can_be_undone=True)
    row = booking(shop, held)
    assert (row.status, row.cancel_refund_cents, row.cancel_reason) == ("cancelling", 170_000, "We moved.")
    assert refunds(shop) == []
    assert [kind for kind, _ in claims_of(shop).values()] == ["event"]
    assert finish.finish(shop.id, held.booking_id, at=at + WINDOW - timedelta(seconds=1)) is False
    assert finish.finish(shop.id, held.booking_id, at=at + WINDOW) is True
    assert finish.finish(shop.id, held.booking_id, at=at + WINDOW) is False
    till.work(shop)
    assert booking(shop, held).status == "cancelled"
    assert claims_of(shop) == {}
    assert refunds(shop) == [("cancellation", 100_000, "COMPLETED"), ("cancellation", 70_000, "COMPLETED")]
    assert sum(cents for _, cents in ledger(shop)) == 30_000
    assert quotes(shop) == [("done", -170_000)]


def test_what_is_not_paid_is_let_go(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    assert see(shop, held).result["void_cents"] == 100_000
    confirmed = cancelling(shop, held)
    finish.finish(shop.id, held.booking_id, at=confirmed.undo_until)
    assert stages(shop) == [("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "VOID")]
    assert refunds(shop) == []


def test_undone_it_is_as_it_was_and_can_be_cancelled_again(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT)
    at = time.now()
    until = cancelling(shop, held, at=at).undo_until
    undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=until - timedelta(seconds=1))
    row = booking(shop, held)
    assert (row.status, row.cancel_undo_until, row.cancel_refund_cents) == ("confirmed", None, None)
    assert finish.finish(shop.id, held.booking_id, at=until) is False
    assert stages(shop)[1] == ("REMAINDER", 100_000, "PENDING")
    with pytest.raises(NotUndoable):
        undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=at)
    cancelling(shop, held)
    assert [status for status, _ in quotes(shop)] == ["lapsed", "confirmed"]
    assert owed(shop).count("booking.cancelling") == 2


def test_at_its_end_it_can_no_longer_be_undone(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    until = cancelling(shop, held).undo_until
    with pytest.raises(NotUndoable, match="over"):
        undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=until)
    finish.finish(shop.id, held.booking_id, at=until)
    with pytest.raises(NotUndoable, match="over"):
        undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=until - timedelta(minutes=1))
    assert booking(shop, held).status == "cancelled"


def test_a_window_of_nothing_ends_at_once(till: Till, shop: Business) -> None:
    tenants.change_tenant(shop.id, undo_minutes=0)
    held = sold(till, shop)
    at = time.now()
    confirmed = cancelling(shop, held, at=at)
    assert (confirmed.undo_until, confirmed.can_be_undone) == (at, False)
    with pytest.raises(NotUndoable):
        undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=at)
    assert finish.finish(shop.id, held.booking_id, at=at)


@pytest.mark.parametrize("after", [LIFETIME + timedelta(seconds=1), timedelta(days=3)])
def test_old_figures_are_shown_anew_and_nothing_is_done(till: Till, shop: Business, after: timedelta) -> None:
    held = sold(till, shop)
    quote, at = see(shop, held), time.now()
    answer = cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=at + after)
    assert isinstance(answer, Requoted)
    assert (answer.why, answer.quote.expires_at) == (WhyNot.EXPIRED, at + after + LIFETIME)
    assert booking(shop, held).status == "confirmed"


def test_figures_that_changed_are_shown_anew(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT)
    quote = see(shop, held)
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=1, at=time.now())
    answer = cancel.confirm(shop.id, held.booking_id, quote.id, actor=Actor.COUPLE, at=time.now())
    assert isinstance(answer, Requoted)
    assert (answer.why, answer.quote.result["refund_cents"]) == (WhyNot.CHANGED, 99_999)
    assert isinstance(
        cancel.confirm(shop.id, held.booking_id, answer.quote.id, actor=Actor.COUPLE, at=time.now()), Confirmed
    )


def test_a_quote_serves_its_booking_and_its_person_alone(till: Till, shop: Business, rival: Business) -> None:
    held, other = sold(till, shop), sold(till, shop, event_on=shop.tenant.today(time.now()) + timedelta(days=300))
    theirs = see(shop, other)
    answers = [
        cancel.confirm(shop.id, held.booking_id, theirs.id, actor=Actor.COUPLE, at=time.now()),
        cancel.confirm(shop.id, other.booking_id, theirs.id, actor=Actor.OWNER, at=time.now()),
    ]
    assert [answer.why for answer in answers if isinstance(answer, Requoted)] == [WhyNot.UNKNOWN] * 2
    assert {booking(shop, each).status for each in (held, other)} == {"confirmed"}


def test_what_cannot_be_cancelled_says_how_it_stands(till: Till, shop: Business) -> None:
    unpaid = till.hold(shop)
    with pytest.raises(NotCancellable, match="not paid yet"):
        see(shop, unpaid)
    till.pay(shop, unpaid)
    till.deliver()
    quote = see(shop, unpaid)
    until = cancelling(shop, unpaid).undo_until
    with pytest.raises(NotCancellable, match="being cancelled already"):
        cancel.confirm(shop.id, unpaid.booking_id, quote.id, actor=Actor.COUPLE, at=time.now())
    finish.finish(shop.id, unpaid.booking_id, at=until)
    with pytest.raises(NotCancellable, match="was cancelled already"):
        see(shop, unpaid)


def test_the_business_gives_more_with_a_reason_never_less_never_more_than_is_left(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT, flat_fee_cents="40000")
    for cents, reason, field in (
        (59_999, "A favour.", "amount"),
        (100_001, "A favour.", "amount"),
        (70_000, "", "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            see(shop, held, actor=Actor.OWNER, refund_cents=cents, reason=reason)
        assert set(refused.value.fields) == {field}
    until = cancelling(shop, held, actor=Actor.OWNER, refund_cents=70_000, reason="A favour.").undo_until
    with pytest.raises(NotUndoable, match="business"):
        undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    finish.finish(shop.id, held.booking_id, at=until)
    assert refunds(shop) == [("cancellation", 70_000, "PENDING")]


def test_money_that_comes_while_it_is_cancelled_goes_back_in_full(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    session_id = open_session_for_the_rest(till, shop, held)
    until = cancelling(shop, held).undo_until
    till.stripe.pay(session_id)
    finish.finish(shop.id, held.booking_id, at=until)
    till.deliver(times=2)
    till.work(shop)
    assert refunds(shop) == [("not_owed", 100_000, "COMPLETED")]
    assert booking(shop, held).status == "cancelled"


def test_an_open_session_is_ended_at_stripe_before_the_date_is_free(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    session_id = open_session_for_the_rest(till, shop, held)
    until = cancelling(shop, held).undo_until
    till.stripe.fail_next("POST", f"/v1/checkout/sessions/{session_id}/expire", status=500)
    with pytest.raises(GatewayError):
        finish.finish(shop.id, held.booking_id, at=until)
    assert booking(shop, held).status == "cancelling"
    assert finish.finish(shop.id, held.booking_id, at=until)
    assert claims_of(shop) == {}
    sessions = [event for event in till.events() if event["type"] == "checkout.session.expired"]
    assert [event["data"]["object"]["id"] for event in sessions] == [session_id]


def test_a_refund_of_the_business_in_between_leaves_what_is_left(till: Till, shop: Business) -> None:
    held = sold(till, shop)
    terms(shop, held, **NOTHING_KEPT, flat_fee_cents="20000")
    until = cancelling(shop, held).undo_until
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=50_000, at=time.now())
    finish.finish(shop.id, held.booking_id, at=until)
    till.work(shop)
    assert refunds(shop) == [("owner", 50_000, "COMPLETED"), ("cancellation", 50_000, "COMPLETED")]
    assert sum(cents for _, cents in ledger(shop)) == 0


def test_a_sweep_finds_what_is_over_and_only_that(own_database: str, till: Till) -> None:
    shop, rival = open_shop(), open_shop(name="Rival & Co")
    due, later = sold(till, shop), sold(till, rival)
    until = cancelling(shop, due).undo_until
    cancelling(rival, later, at=until)
    assert finish.finish_due(until - timedelta(seconds=1)) == 0
    assert finish.finish_due(until) == 1
    assert (booking(shop, due).status, booking(rival, later).status) == ("cancelled", "cancelling")
