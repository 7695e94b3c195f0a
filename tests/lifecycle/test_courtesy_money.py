"""Paying for a date that is kept, or not: the promised time stays, money confirms it, what comes too late goes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.kernel.errors import Conflict, Unavailable
from portal.lifecycle import courtesy
from portal.lifecycle.courtesy import NotReleasable
from portal.lifecycle.hold import hold_date
from portal.lifecycle.pay import NotPayable
from portal.lifecycle.reconcile import reconcile
from portal.lifecycle.release import release
from portal.lifecycle.settle import Outcome, settle_session
from portal.payments import gateway
from portal.payments.checkouts import Opened
from tests.support.couples import form, in_half_a_year
from tests.support.days import claims_of
from tests.support.keeping import DAYS, end_of, keep, pay_for
from tests.support.till import Till, booking, checkout, ledger, owed, refunds, rows, stages
from tests.support.world import Business, open_shop

SESSIONS = "/v1/checkout/sessions"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def kind_shop(connected: object) -> Business:
    """A business that keeps dates for a week."""
    return open_shop(courtesy_days=DAYS)


def test_the_deposit_books_it(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    assert isinstance(pay_for(kind_shop, held), Opened)
    assert booking(kind_shop, held).hold_expires_at == end_of(kind_shop)
    till.pay(kind_shop, held)
    till.deliver(times=2)
    assert booking(kind_shop, held).status == "confirmed"
    assert [status for _, _, status in stages(kind_shop)] == ["COMPLETED", "PENDING"]
    assert [kind for kind, _ in claims_of(kind_shop).values()] == ["event"]
    assert owed(kind_shop).count("booking.confirmed") == 1
    assert release(kind_shop.id, held.booking_id, at=end_of(kind_shop) + AN_HOUR) is False


def test_everything_can_be_paid_at_once(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held, everything=True)
    till.pay(kind_shop, held)
    till.deliver()
    assert booking(kind_shop, held).status == "confirmed"
    assert [status for _, _, status in stages(kind_shop)] == ["COMPLETED", "COMPLETED"]


def test_what_fell_due_meanwhile_is_part_of_what_books_it(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop, event_on=kind_shop.tenant.today(time.now()) + timedelta(days=32))
    till.stripe.shift_clock(3 * 24 * 60 * 60)
    later = time.now() + timedelta(days=3)
    opened = pay_for(kind_shop, held, at=later)
    assert isinstance(opened, Opened)
    assert checkout(kind_shop, held).amount_cents == 200_000


def test_a_session_that_ends_does_not_end_the_time(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    session = checkout(kind_shop, held).stripe_checkout_session_id or ""
    till.stripe.expire_session(session)
    till.deliver(times=2)
    reconcile(time.now() + AN_HOUR)
    assert release(kind_shop.id, held.booking_id, at=time.now() + AN_HOUR) is False
    assert (booking(kind_shop, held).status, checkout(kind_shop, held).status) == ("held", "expired")
    assert booking(kind_shop, held).hold_expires_at == end_of(kind_shop)
    assert isinstance(pay_for(kind_shop, held), Opened)
    assert checkout(kind_shop, held).attempt == 2
    till.pay(kind_shop, held)
    till.deliver()
    assert booking(kind_shop, held).status == "confirmed"


def test_the_same_choice_finds_its_session_again(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    first, again = pay_for(kind_shop, held), pay_for(kind_shop, held)
    assert isinstance(first, Opened)
    assert first == again
    other = pay_for(kind_shop, held, everything=True)
    assert isinstance(other, Opened)
    assert other.checkout_id != first.checkout_id
    assert rows(kind_shop, "SELECT status FROM checkout ORDER BY attempt") == [("expired",), ("open",)]


def test_a_slow_payment_that_fails_leaves_the_time_that_was_promised(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.stripe.set_delayed_after(None)
    paid = till.pay(kind_shop, held, CARD_DELAYED)
    till.deliver()
    assert checkout(kind_shop, held).status == "processing"
    with pytest.raises(NotReleasable):
        courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    assert release(kind_shop.id, held.booking_id, at=end_of(kind_shop) + AN_HOUR) is False
    session = gateway.current().fetch_session(paid["id"], account=None)
    assert session.intent
    failed = replace(session, intent=replace(session.intent, status="canceled"))
    assert settle_session(kind_shop.id, checkout(kind_shop, held).id, failed, at=time.now()).outcome is Outcome.FAILED
    assert booking(kind_shop, held).status == "held"
    assert claims_of(kind_shop) != {}
    assert "booking.payment_failed" in owed(kind_shop)
    assert isinstance(pay_for(kind_shop, held), Opened)


def test_paid_in_the_last_minute_the_session_outlasts_the_end(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    almost = end_of(kind_shop) - timedelta(minutes=1)
    till.stripe.shift_clock(int((almost - time.now()).total_seconds()))
    assert isinstance(pay_for(kind_shop, held, at=almost), Opened)
    until = booking(kind_shop, held).hold_expires_at
    assert until == checkout(kind_shop, held).expires_at > end_of(kind_shop)
    assert release(kind_shop.id, held.booking_id, at=end_of(kind_shop) + timedelta(minutes=5)) is False
    till.pay(kind_shop, held)
    till.deliver()
    assert booking(kind_shop, held).status == "confirmed"


def test_nothing_new_begins_after_the_end(till: Till, kind_shop: Business) -> None:
    request, held = keep(kind_shop)
    almost, after = end_of(kind_shop) - timedelta(minutes=1), end_of(kind_shop) + timedelta(minutes=20)
    till.stripe.shift_clock(int((almost - time.now()).total_seconds()))
    first = pay_for(kind_shop, held, at=almost)
    assert pay_for(kind_shop, held, at=after) == first, "the session that is open is found again"
    with pytest.raises(NotPayable):
        pay_for(kind_shop, held, at=after, everything=True)
    with pytest.raises(Conflict):
        hold_date(kind_shop.id, replace(request, wish=form(kind_shop, pays_in_full=True).wish), at=after)
    till.stripe.expire_session(checkout(kind_shop, held).stripe_checkout_session_id or "")
    till.deliver()
    with pytest.raises(NotPayable):
        pay_for(kind_shop, held, at=after)
    assert release(kind_shop.id, held.booking_id, at=end_of(kind_shop) + AN_HOUR) is True


def test_giving_it_back_ends_an_open_session_first(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    assert (booking(kind_shop, held).status, checkout(kind_shop, held).status) == ("cancelled", "expired")
    assert till.events()[-1]["type"] == "checkout.session.expired"
    assert claims_of(kind_shop) == {}


def test_money_that_came_is_not_given_back_with_the_date(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.pay(kind_shop, held)
    with pytest.raises(NotReleasable):
        courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    assert booking(kind_shop, held).status == "confirmed"
    assert refunds(kind_shop) == []


def test_while_stripe_is_away_the_date_is_not_given_back(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.stripe.drop_answers("POST", SESSIONS + "/*")
    with pytest.raises(Unavailable):
        courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    assert booking(kind_shop, held).status == "held"


def test_paid_after_its_end_the_date_is_booked_if_it_is_free(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.pay(kind_shop, held)
    with database.writing(kind_shop.id):
        database.execute("UPDATE checkout SET status = 'expired'")
    assert release(kind_shop.id, held.booking_id, at=end_of(kind_shop) + AN_HOUR) is True
    till.deliver()
    assert booking(kind_shop, held).status == "confirmed"


def test_paid_after_it_was_given_back_everything_goes_back(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.pay(kind_shop, held)
    with database.writing(kind_shop.id):
        database.execute("UPDATE checkout SET status = 'expired'")
    courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    till.deliver()
    till.work(kind_shop)
    assert booking(kind_shop, held).status == "cancelled"
    assert refunds(kind_shop) == [("not_owed", 100_000, "COMPLETED")]
    assert sum(cents for _, cents in ledger(kind_shop)) == 0


def test_a_form_may_turn_from_paying_to_keeping(till: Till, kind_shop: Business) -> None:
    held = till.hold(kind_shop)
    ((nonce,),) = rows(kind_shop, "SELECT request_nonce FROM booking")
    again = hold_date(kind_shop.id, form(kind_shop, nonce=nonce, is_courtesy=True), at=time.now())
    assert (again.booking_id, again.checkout_id) == (held.booking_id, None)
    assert checkout(kind_shop, held).status == "expired"
    row = booking(kind_shop, held)
    assert (row.is_courtesy, row.hold_expires_at, row.courtesy_until) == (True, end_of(kind_shop), end_of(kind_shop))
    assert "booking.courtesy_held" in owed(kind_shop)


def test_a_form_may_turn_from_keeping_to_paying_and_the_time_stays(till: Till, kind_shop: Business) -> None:
    request, held = keep(kind_shop)
    paying = replace(request, wish=replace(request.wish, is_courtesy=False, pays_in_full=True))
    first = hold_date(kind_shop.id, paying, at=time.now())
    assert first.checkout_id is not None
    again = hold_date(kind_shop.id, paying, at=time.now())
    assert again.checkout_id == first.checkout_id
    row = booking(kind_shop, held)
    assert (row.is_courtesy, row.hold_expires_at) == (True, end_of(kind_shop))
    till.open(kind_shop, first)
    assert hold_date(kind_shop.id, request, at=time.now()).checkout_id is None, "back to keeping it"
    assert checkout(kind_shop, held).status == "expired"
    assert booking(kind_shop, held).hold_expires_at == end_of(kind_shop)


def test_another_date_keeps_the_end_and_forgets_who_asked_for_the_first(till: Till, kind_shop: Business) -> None:
    request, held = keep(kind_shop)
    until = courtesy.challenge(kind_shop.id, held.booking_id, at=time.now())
    moved = replace(request, wish=replace(request.wish, event_on=in_half_a_year(kind_shop, plus=9)))
    hold_date(kind_shop.id, moved, at=time.now() + timedelta(hours=5))
    row = booking(kind_shop, held)
    assert (row.hold_expires_at, row.challenged_at) == (until, None)
    assert {day for _, day in claims_of(kind_shop)} == {in_half_a_year(kind_shop, plus=9)}


def test_paying_is_not_lost_over_a_challenge(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    courtesy.challenge(kind_shop.id, held.booking_id, at=time.now())
    assert booking(kind_shop, held).hold_expires_at > checkout(kind_shop, held).expires_at
    till.pay(kind_shop, held)
    till.deliver()
    assert booking(kind_shop, held).status == "confirmed"
