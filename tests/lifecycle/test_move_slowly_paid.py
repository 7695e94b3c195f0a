"""A move that is paid in a way that takes days: both dates are kept meanwhile, and the new one must still be ahead."""

from datetime import date, datetime, timedelta

import pytest

from portal.bookings.states import Actor
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.lifecycle import move, move_lapse
from portal.lifecycle.hold import Held
from portal.lifecycle.move import NotMovable
from portal.lifecycle.settle import settle_session
from portal.payments import gateway
from tests.support import leaving, moving
from tests.support.till import Till, booking, owed, refunds, rows
from tests.support.world import Business

KEPT = ("hold", True)


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A booking whose next move costs 50.00."""
    sold = leaving.sold(till, shop)
    moving.terms(shop, sold, moving.FOR_A_FEE)
    return sold


def test_slow_money_keeps_the_new_date_and_then_moves_it(till: Till, shop: Business, held: Held) -> None:
    till.stripe.set_delayed_after(None)
    moving.waiting(shop, held)
    till.stripe.pay(moving.session(shop, held), CARD_DELAYED)
    till.deliver()
    assert not move_lapse.lapse(shop.id, held.booking_id, at=time.now() + timedelta(days=2))
    with pytest.raises(NotMovable, match="on its way"):
        move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert moving.days(shop, held)[moving.later(shop)] == KEPT
    till.stripe.settle_delayed(moving.session(shop, held), is_success=True)
    till.deliver()
    assert booking(shop, held).event_on == moving.later(shop)


def test_slow_money_moves_to_the_new_date_while_that_has_not_passed(till: Till, shop: Business, held: Held) -> None:
    new = moving.later(shop, -30)
    paid_slowly(till, shop, held, new, at=moving.evening(shop, new))
    assert booking(shop, held).event_on == new
    assert refunds(shop) == []


def test_slow_money_moves_nothing_to_a_day_that_has_passed(till: Till, shop: Business, held: Held) -> None:
    new = moving.later(shop, -30)
    paid_slowly(till, shop, held, new, at=moving.evening(shop, new) + timedelta(hours=2))
    assert moving.unchanged(shop, held)
    assert refunds(shop) == [("not_owed", 5_000, "COMPLETED")]
    assert moving.event(shop, "move_lapsed")[0]["why"] == "overtaken"


def paid_slowly(till: Till, shop: Business, held: Held, new: date, *, at: datetime) -> None:
    """A move to a day is paid in a way that takes its time: the money is there at that moment."""
    till.stripe.set_delayed_after(None)
    moving.waiting(shop, held, new)
    till.stripe.pay(moving.session(shop, held), CARD_DELAYED)
    till.deliver()
    till.stripe.settle_delayed(moving.session(shop, held), is_success=True)
    session = gateway.current().fetch_session(moving.session(shop, held), account=None)
    ((checkout_id,),) = rows(shop, "SELECT id FROM checkout WHERE purpose = 'move'")
    settle_session(shop.id, checkout_id, session, at=at)
    till.work(shop)


def test_slow_money_that_does_not_come_leaves_everything_as_it_was(till: Till, shop: Business, held: Held) -> None:
    till.stripe.set_delayed_after(None)
    moving.waiting(shop, held)
    till.stripe.pay(moving.session(shop, held), CARD_DELAYED)
    till.deliver()
    till.stripe.settle_delayed(moving.session(shop, held), is_success=False)
    till.deliver()
    assert moving.unchanged(shop, held)
    assert (owed(shop).count("booking.move_lapsed"), owed(shop).count("booking.payment_failed")) == (1, 0)
    assert moving.event(shop, "move_lapsed")[0]["why"] == "payment_failed"
