"""A date that is kept, and two things at the same instant: one of them wins, and the money is right. Real threads."""

from datetime import timedelta

import pytest

from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.lifecycle import courtesy
from portal.lifecycle.courtesy import NotReleasable
from portal.lifecycle.hold import Held, hold_date
from portal.lifecycle.pay import NotPayable
from portal.lifecycle.release import release
from portal.lifecycle.settle import Outcome, settle
from portal.payments.checkouts import Opened
from tests.concurrency.test_settle_races import race
from tests.support.couples import form, in_half_a_year
from tests.support.days import claims_of
from tests.support.keeping import end_of, keep, pay_for
from tests.support.till import Till, booking, checkout, ledger, owed, refunds, rows, till
from tests.support.world import Business, open_shop

__all__ = ["till"]
pytestmark = pytest.mark.slow
RACERS = 6


@pytest.fixture
def kind_shop(connected: object) -> Business:
    return open_shop(courtesy_days=7)


@pytest.mark.parametrize("_round", range(4))
def test_giving_it_back_while_paying(till: Till, kind_shop: Business, _round: int) -> None:
    _, held = keep(kind_shop)
    opened, given = race(
        lambda: pay_for(kind_shop, held),
        lambda: courtesy.release(kind_shop.id, held.booking_id, at=time.now()),
    )
    assert given is None
    assert not isinstance(opened, Opened) or checkout(kind_shop, held).status == "expired"
    assert isinstance(opened, NotPayable) or not isinstance(opened, Exception)
    assert (booking(kind_shop, held).status, claims_of(kind_shop)) == ("cancelled", {})
    assert rows(kind_shop, "SELECT id FROM checkout WHERE status IN ('creating', 'open')") == []


@pytest.mark.parametrize("_round", range(4))
def test_giving_it_back_in_the_moment_the_money_comes(till: Till, kind_shop: Business, _round: int) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    session, key = checkout(kind_shop, held).stripe_checkout_session_id or "", checkout(kind_shop, held).id
    paid, given = race(
        lambda: till.stripe.pay(session),
        lambda: courtesy.release(kind_shop.id, held.booking_id, at=time.now()),
    )
    if isinstance(paid, Exception):
        assert given is None
        assert booking(kind_shop, held).status == "cancelled"
        return
    settle(kind_shop.id, key, at=time.now())
    assert isinstance(given, NotReleasable)
    assert booking(kind_shop, held).status == "confirmed"
    assert (refunds(kind_shop), ledger(kind_shop)) == ([], [("capture", 100_000)])


@pytest.mark.parametrize("_round", range(4))
def test_a_challenge_in_the_moment_of_paying(till: Till, kind_shop: Business, _round: int) -> None:
    _, held = keep(kind_shop)
    pay_for(kind_shop, held)
    till.pay(kind_shop, held)
    key, at = checkout(kind_shop, held).id, time.now()
    settled, until = race(
        lambda: settle(kind_shop.id, key, at=at).outcome,
        lambda: courtesy.challenge(kind_shop.id, held.booking_id, at=at),
    )
    assert settled is Outcome.CONFIRMED
    assert until is None or until <= at + timedelta(hours=48)
    assert booking(kind_shop, held).status == "confirmed"
    assert owed(kind_shop).count("booking.challenged") == (0 if until is None else 1)


def test_many_ask_for_the_date_at_once_and_the_couple_hears_of_it_once(kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    at = time.now()
    answers = race(*[lambda: courtesy.challenge(kind_shop.id, held.booking_id, at=at)] * RACERS)
    assert len(set(answers)) == 1
    assert owed(kind_shop).count("booking.challenged") == 1


def test_the_end_and_a_challenge_in_the_same_moment(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    end = end_of(kind_shop)
    freed, until = race(
        lambda: release(kind_shop.id, held.booking_id, at=end),
        lambda: courtesy.challenge(kind_shop.id, held.booking_id, at=end - timedelta(microseconds=1)),
    )
    assert until in {None, end}
    assert freed is True
    assert (booking(kind_shop, held).status, claims_of(kind_shop)) == ("expired", {})


def test_two_tabs_keep_two_dates_of_one_couple(kind_shop: Business) -> None:
    wishes = [form(kind_shop, is_courtesy=True, event_on=in_half_a_year(kind_shop, plus=n)) for n in range(RACERS)]
    answers = race(*[lambda wish=wish: hold_date(kind_shop.id, wish, at=time.now()) for wish in wishes])  # type: ignore[misc]
    assert sum(isinstance(each, Held) for each in answers) == 1
    assert sum(isinstance(each, Conflict) for each in answers) == RACERS - 1
    assert len(claims_of(kind_shop)) == 1


def test_one_tab_keeps_and_the_other_pays_with_the_same_form(till: Till, kind_shop: Business) -> None:
    keeping = form(kind_shop, is_courtesy=True)
    paying = form(kind_shop, nonce=keeping.nonce)
    answers = race(
        lambda: hold_date(kind_shop.id, keeping, at=time.now()), lambda: hold_date(kind_shop.id, paying, at=time.now())
    )
    assert {each.booking_id for each in answers if isinstance(each, Held)} == {
        key for (key,) in rows(kind_shop, "SELECT id FROM booking")
    }
    ((is_courtesy, until),) = rows(kind_shop, "SELECT is_courtesy, hold_expires_at FROM booking")
    assert (is_courtesy, until) == (True, end_of(kind_shop))


def test_two_tabs_give_it_back(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    answers = race(*[lambda: courtesy.release(kind_shop.id, held.booking_id, at=time.now())] * RACERS)
    assert sum(each is None for each in answers) == 1
    assert sum(isinstance(each, NotReleasable) for each in answers) == RACERS - 1
