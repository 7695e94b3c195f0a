"""Couples who move at the same instant: no day is claimed twice, and no booking is without its days. Real threads."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken
from portal.lifecycle import cancel, move, move_lapse
from portal.lifecycle.cancel import Confirmed
from portal.lifecycle.move import Moved, NotMovable, ToPay
from portal.lifecycle.quote import Requoted
from portal.lifecycle.settle import Outcome, settle
from portal.payments.checkouts import Opened
from portal.promises import dates as promises
from tests.concurrency.test_settle_races import race
from tests.support import leaving, moving, paying
from tests.support import sold as sales
from tests.support.couples import in_half_a_year
from tests.support.days import claims_of
from tests.support.proving import broken_promises
from tests.support.sold import Sold
from tests.support.till import Till, booking, checkout, ledger, refunds, rows, till
from tests.support.world import Business, open_shop

__all__ = ["till"]
pytestmark = pytest.mark.slow
PAIRS = 50
CONNECTIONS = 40  # a hundred racers take turns at these, as they would at a server's
FREE, FOR_A_FEE = moving.FREELY, moving.FOR_A_FEE


@pytest.fixture
def arena(own_database: str, cluster: Cluster) -> Business:
    """A tenant in a database of its own, with many connections to it."""
    database.db.close_all()
    database.configure(cluster.app_url(own_database), connections=CONNECTIONS)
    return open_shop()


def couple(shop: Business, event_on: date, terms: dict[str, object]) -> Sold:
    """A booking under these terms."""
    made = sales.sell(shop, event_on=event_on)
    moving.terms(shop, made, terms)
    return made


def going(till: Till, shop: Business, held: Sold, quote: Quote) -> Callable[[], object]:
    """A couple that says yes, and pays at once where something is due."""

    def act() -> object:
        done = moving.confirm(shop, held, quote)
        if isinstance(done, ToPay):
            till.stripe.pay(moving.session(shop, held))
            return settle(shop.id, done.answer.checkout_id, at=time.now()).outcome
        return done

    return act


def owners(shop: Business) -> dict[date, object]:
    """Whose each day is."""
    return {day: owner for (_, day), (_, owner) in claims_of(shop).items()}


def each_has_its_day(shop: Business, couples: list[Sold]) -> bool:
    """Whether every booking owns the day it is for, and nothing else is taken."""
    wanted = {row[1]: row[0] for row in rows(shop, "SELECT id, event_on FROM booking")}
    return owners(shop) == wanted and len(wanted) == len(couples) and promises.claims(time.now()) == []


@pytest.mark.parametrize("terms", [FREE, FOR_A_FEE], ids=["free", "for a fee"])
def test_fifty_pairs_move_onto_each_others_dates(till: Till, arena: Business, terms: dict[str, object]) -> None:
    first = in_half_a_year(arena)
    days = [first + timedelta(days=number) for number in range(2 * PAIRS)]
    pairs = [
        (couple(arena, one, terms), couple(arena, other, terms))
        for one, other in zip(days[::2], days[1::2], strict=True)
    ]
    aside = [days[-1] + timedelta(days=1 + number) for number in range(PAIRS)]
    # The first of each pair goes to a free day, and the second to the day that the first one leaves, or not yet.
    away = [
        move.see(arena.id, pair[0].booking_id, move.MoveWish(day), actor=Actor.COUPLE, at=time.now())
        for pair, day in zip(pairs, aside, strict=True)
    ]
    acts = [going(till, arena, pair[0], quote) for pair, quote in zip(pairs, away, strict=True)]
    acts += [partial(_follow, till, arena, pair[1], day) for pair, day in zip(pairs, days[::2], strict=True)]
    answers = race(*acts)
    assert not [each for each in answers[:PAIRS] if isinstance(each, Exception)]
    assert {type(each) for each in answers[PAIRS:]} <= {Moved, DateTaken, Outcome}
    everybody = [each for pair in pairs for each in pair]
    assert each_has_its_day(arena, everybody)
    has = dict(rows(arena, "SELECT id, event_on FROM booking"))
    swaps = [(one, has[other.booking_id]) for pair in pairs for one, other in (pair, pair[::-1])]
    assert {type(each) for each in race(*(partial(_follow, till, arena, *swap) for swap in swaps))} == {DateTaken}
    assert dict(rows(arena, "SELECT id, event_on FROM booking")) == has
    assert each_has_its_day(arena, everybody)


def _follow(till: Till, shop: Business, held: Sold, day: date) -> object:
    """See and say yes in one go."""
    return going(till, shop, held, moving.see(shop, held, day))()


@pytest.mark.parametrize("terms", [FREE, FOR_A_FEE], ids=["free", "for a fee"])
def test_a_hundred_couples_move_onto_the_same_date(till: Till, arena: Business, terms: dict[str, object]) -> None:
    first = in_half_a_year(arena)
    couples = [couple(arena, first + timedelta(days=number), terms) for number in range(2 * PAIRS)]
    wanted = first + timedelta(days=2 * PAIRS)
    quotes = [moving.see(arena, each, wanted) for each in couples]
    answers = race(*(going(till, arena, each, quote) for each, quote in zip(couples, quotes, strict=True)))
    assert Counter(isinstance(each, DateTaken) for each in answers) == {True: 2 * PAIRS - 1, False: 1}
    assert each_has_its_day(arena, couples)
    assert rows(arena, "SELECT sum(moves_done) AS moves FROM booking") == [(1,)]


@pytest.mark.parametrize("_round", range(4))
@pytest.mark.usefixtures("own_database")
def test_a_payment_in_the_moment_in_which_the_move_lapses(till: Till, _round: int) -> None:
    shop = open_shop()
    held = leaving.sold(till, shop)
    moving.terms(shop, held, FOR_A_FEE)
    moving.waiting(shop, held)
    session, over = moving.session(shop, held), time.now() + moving.LATER
    race(
        lambda: till.stripe.pay(session),
        *[lambda: move_lapse.lapse(shop.id, held.booking_id, at=over)] * 3,
        *[lambda: settle(shop.id, checkout(shop, held).id, at=time.now())] * 3,
    )
    till.deliver()
    till.work(shop)
    has_moved = booking(shop, held).event_on == moving.later(shop)
    assert moving.quotes(shop) == (["done"] if has_moved else ["lapsed"])
    assert moving.days(shop, held) == {booking(shop, held).event_on: ("event", False)}
    assert paying.captured_at_stripe(till) == ([5_000, 100_000] if has_moved else [100_000])
    assert sum(cents for _, cents in ledger(shop)) == (105_000 if has_moved else 100_000)
    assert moving.adds_up(shop, held)
    assert broken_promises() == []


def test_many_tabs_confirm_the_same_move_once(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, FREE)
    quote = moving.see(shop, held)
    answers = race(*[partial(moving.confirm, shop, held, quote)] * 6)
    assert Counter(type(each) for each in answers) == {Moved: 1, NotMovable: 5}
    assert booking(shop, held).moves_done == 1


def test_many_tabs_lead_to_the_same_payment(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, FOR_A_FEE)
    quote = moving.see(shop, held)
    answers = [each for each in race(*[partial(moving.confirm, shop, held, quote)] * 6) if isinstance(each, ToPay)]
    assert len(answers) == 6
    assert len({each.answer.url for each in answers if isinstance(each.answer, Opened)}) == 1
    assert rows(shop, "SELECT count(*) AS tries FROM checkout WHERE purpose = 'move'") == [(1,)]


@pytest.mark.parametrize("terms", [FREE, FOR_A_FEE], ids=["free", "for a fee"])
def test_one_tab_moves_and_the_other_cancels(till: Till, shop: Business, terms: dict[str, object]) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, terms)
    goes, stays = moving.see(shop, held), leaving.see(shop, held)
    moved, cancelled = race(
        partial(moving.confirm, shop, held, goes),
        lambda: cancel.confirm(shop.id, held.booking_id, stays.id, actor=Actor.COUPLE, at=time.now()),
    )
    now = booking(shop, held)
    if isinstance(cancelled, Confirmed):
        assert isinstance(moved, NotMovable | ToPay)
        assert (now.status, now.event_on) == ("cancelling", in_half_a_year(shop))
    else:
        assert isinstance(cancelled, Requoted)
        assert isinstance(moved, Moved | ToPay)
        assert now.status == "confirmed"
    assert [day for day, (_, is_kept) in moving.days(shop, held).items() if not is_kept] == [now.event_on]


def test_the_couple_and_the_business_move_at_once(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, FREE)
    theirs = moving.see(shop, held)
    ours = moving.see(shop, held, moving.later(shop, 40), actor=Actor.OWNER)
    answers = race(partial(moving.confirm, shop, held, theirs), partial(moving.confirm, shop, held, ours))
    assert sorted(isinstance(each, Moved) for each in answers) == [False, True]
    assert sorted(isinstance(each, Requoted) for each in answers) == [False, True]
    (done,) = (each for each in answers if isinstance(each, Moved))
    assert moving.days(shop, held) == {done.event_on: ("event", False)}


def test_a_move_that_is_given_up_while_it_is_paid_is_one_of_the_two(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, FOR_A_FEE)
    moving.waiting(shop, held)
    session = moving.session(shop, held)
    _, given_up = race(
        lambda: till.stripe.pay(session),
        lambda: move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now()),
    )
    assert not isinstance(given_up, Conflict)
    till.deliver()
    till.work(shop)
    has_moved = booking(shop, held).event_on == moving.later(shop)
    assert has_moved is (given_up is False)
    assert [each for each in refunds(shop) if each[0] != "not_owed"] == []
    assert len(moving.days(shop, held)) == 1
