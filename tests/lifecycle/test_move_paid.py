"""A move that costs something waits for its money, keeps both dates meanwhile, and ends in one of two ways."""

from datetime import timedelta

import pytest

from portal.availability import queries as dates
from portal.bookings.states import Actor
from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.kernel.errors import DateTaken, Unavailable
from portal.lifecycle import move, move_lapse, undo
from portal.lifecycle.hold import Held
from portal.lifecycle.move import NotMovable, ToPay
from portal.lifecycle.overview import overview
from portal.lifecycle.pay import NotPayable
from portal.lifecycle.quote import Requoted
from portal.payments.checkouts import NotOpened, Opened
from tests.support import leaving, moving, paying
from tests.support.couples import in_half_a_year
from tests.support.proving import broken_promises
from tests.support.till import Till, booking, owed, refunds, rows, stages
from tests.support.world import Business, open_shop

SESSIONS = "/v1/checkout/sessions"
OLD = ("event", False)
KEPT = ("hold", True)


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A booking whose next move costs 50.00."""
    sold = leaving.sold(till, shop)
    moving.terms(shop, sold, moving.FOR_A_FEE)
    return sold


def test_both_dates_are_kept_until_the_fee_is_paid_and_then_the_new_one(till: Till, shop: Business, held: Held) -> None:
    opened = moving.waiting(shop, held)
    assert moving.days(shop, held) == {in_half_a_year(shop): OLD, moving.later(shop): KEPT}
    assert booking(shop, held).event_on == in_half_a_year(shop)
    with database.reading(shop.id):
        account = overview(shop.id, held.booking_id)
    assert account.move is not None
    assert (account.move.event_on, account.move.amount_cents) == (moving.later(shop), 5_000)
    assert account.move.until == opened.held_until
    assert (account.open_cents, account.move.is_on_its_way) == (100_000, False)
    moving.pay(till, shop, held)
    now = booking(shop, held)
    assert (now.event_on, now.total_cents, now.moves_done) == (moving.later(shop), 205_000, 1)
    assert moving.days(shop, held) == {moving.later(shop): OLD}
    assert stages(shop)[2] == ("FEE", 5_000, "COMPLETED")
    assert moving.adds_up(shop, held)
    assert (owed(shop).count("booking.moved"), owed(shop).count("booking.stages_paid")) == (1, 0)
    assert rows(shop, "SELECT description, gross_cents FROM booking_line ORDER BY position") == [
        ("Whole day", 200_000),
        ("Fee for moving the date", 5_000),
    ]


def test_nobody_else_gets_a_day_that_is_kept(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    with pytest.raises(DateTaken):
        till.hold(shop, event_on=moving.later(shop))
    with pytest.raises(DateTaken):
        till.hold(shop, event_on=in_half_a_year(shop))
    with database.reading(shop.id):
        kept = dates.claimed(shop.id, shop.resource_id, in_half_a_year(shop), moving.later(shop))
        assert (
            dates.claimed(
                shop.id, shop.resource_id, in_half_a_year(shop), moving.later(shop), booking_id=held.booking_id
            )
            == {}
        )
    assert {day: str(kind) for day, kind in kept.items()} == {in_half_a_year(shop): "event", moving.later(shop): "hold"}


def test_yes_said_twice_leads_to_the_same_payment(shop: Business, held: Held) -> None:
    quote = moving.see(shop, held)
    first, again = (moving.confirm(shop, held, quote) for _ in range(2))
    assert isinstance(first, ToPay)
    assert first == again
    assert move.go_on(shop.id, held.booking_id, at=time.now()) == first.answer
    assert rows(shop, "SELECT count(*) AS tries FROM checkout WHERE purpose = 'move'") == [(1,)]


@pytest.mark.usefixtures("own_database")
def test_a_move_that_is_not_paid_in_time_leaves_everything_as_it_was(till: Till) -> None:
    shop = open_shop()
    held = leaving.sold(till, shop)
    moving.terms(shop, held, moving.FOR_A_FEE)
    moving.waiting(shop, held)
    assert move_lapse.lapse_due(time.now() + timedelta(minutes=30)) == 0
    assert broken_promises(at=time.now() + timedelta(minutes=45)) == []  # its session is still open at Stripe
    assert move_lapse.lapse_due(time.now() + moving.LATER) == 1
    assert moving.unchanged(shop, held)
    assert moving.quotes(shop) == ["lapsed"]
    assert owed(shop).count("booking.move_lapsed") == 1
    assert moving.event(shop, "move_lapsed")[0]["why"] == "time"
    assert [event["data"]["object"]["status"] for event in till.events()][-1] == "expired"
    assert broken_promises() == []
    till.hold(shop, event_on=moving.later(shop))


@pytest.mark.usefixtures("own_database")
def test_what_is_paid_after_it_lapsed_goes_back_and_the_old_date_stays(till: Till) -> None:
    shop = open_shop()
    held = leaving.sold(till, shop)
    moving.terms(shop, held, moving.FOR_A_FEE)
    moving.waiting(shop, held)
    with database.writing(shop.id):  # as if Stripe had taken the card in the moment in which we gave up
        database.execute("UPDATE checkout SET status = 'expired' WHERE purpose = 'move'")
    assert move_lapse.lapse_due(time.now() + moving.LATER) == 1
    till.hold(shop, event_on=moving.later(shop))
    moving.pay(till, shop, held)
    till.work(shop)
    assert refunds(shop) == [("not_owed", 5_000, "COMPLETED")]
    assert booking(shop, held).event_on == in_half_a_year(shop)
    assert paying.captured_at_stripe(till) == [100_000]
    assert broken_promises() == []


def test_money_that_came_in_the_last_moment_moves_the_date(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    till.stripe.pay(moving.session(shop, held))
    assert not move_lapse.lapse(shop.id, held.booking_id, at=time.now() + moving.LATER)
    assert booking(shop, held).event_on == moving.later(shop)
    assert moving.quotes(shop) == ["done"]


def test_a_move_is_given_up(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    with pytest.raises(NotMovable, match="waits for its payment"):
        moving.see(shop, held, moving.later(shop, 30))
    assert move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert moving.unchanged(shop, held)
    assert moving.event(shop, "move_lapsed")[0]["why"] == "given_up"
    assert owed(shop).count("booking.move_lapsed") == 0
    for act in (
        lambda: move.go_on(shop.id, held.booking_id, at=time.now()),
        lambda: move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now()),
    ):
        with pytest.raises(NotMovable, match="No new date waits"):
            act()
    assert isinstance(moving.waiting(shop, held, moving.later(shop, 30)), Opened)


def test_a_move_that_was_paid_is_not_given_up(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    till.stripe.pay(moving.session(shop, held))
    assert not move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert booking(shop, held).event_on == moving.later(shop)


def test_a_move_is_not_given_up_while_stripe_is_silent(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    till.stripe.fail_next("POST", f"{SESSIONS}/{moving.session(shop, held)}/expire", status=500)
    with pytest.raises(Unavailable):
        move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert moving.days(shop, held)[moving.later(shop)] == KEPT


def test_a_booking_that_is_cancelled_gives_its_move_up(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    leaving.cancelling(shop, held)
    assert moving.days(shop, held) == {in_half_a_year(shop): OLD}
    assert moving.event(shop, "move_lapsed")[0]["why"] == "cancelled"
    till.stripe.pay(moving.session(shop, held))
    till.deliver()
    till.work(shop)
    assert refunds(shop) == [("not_owed", 5_000, "COMPLETED")]
    undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert moving.unchanged(shop, held)


def test_a_session_for_the_rest_is_ended_and_none_is_opened_while_a_move_waits(
    till: Till, shop: Business, held: Held
) -> None:
    paying.ask(shop, held)
    moving.waiting(shop, held)
    assert [each.status for each in paying.tries(shop, held)] == ["expired"]
    with pytest.raises(NotPayable, match="new date waits"):
        paying.ask(shop, held)
    moving.pay(till, shop, held)
    assert isinstance(paying.ask(shop, held), Opened)


def test_the_rest_that_was_paid_in_another_tab_is_seen_before_a_move_begins(
    till: Till, shop: Business, held: Held
) -> None:
    paying.ask(shop, held)
    quote = moving.see(shop, held)
    till.stripe.pay(paying.sessions(shop, held)[0])
    answer = moving.confirm(shop, held, quote)
    assert isinstance(answer, Requoted)
    assert [status for _, _, status in stages(shop)] == ["COMPLETED", "COMPLETED"]
    assert isinstance(moving.confirm(shop, held, answer.quote), ToPay)


def test_stripe_without_an_answer_keeps_the_date_and_is_asked_again(till: Till, shop: Business, held: Held) -> None:
    till.stripe.drop_answers("POST", SESSIONS)
    done = moving.confirm(shop, held, moving.see(shop, held))
    assert isinstance(done, ToPay)
    assert isinstance(done.answer, NotOpened)
    assert moving.days(shop, held)[moving.later(shop)] == KEPT
    assert isinstance(move.go_on(shop.id, held.booking_id, at=time.now()), Opened)
    moving.pay(till, shop, held)
    assert booking(shop, held).event_on == moving.later(shop)


def test_a_move_that_is_over_is_not_paid_any_more(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    till.stripe.expire_session(moving.session(shop, held))
    till.deliver()
    later = time.now() + moving.LATER
    assert isinstance(move.go_on(shop.id, held.booking_id, at=later), NotOpened)
    assert rows(shop, "SELECT count(*) AS tries FROM checkout WHERE purpose = 'move'") == [(1,)]
    assert move_lapse.lapse(shop.id, held.booking_id, at=later)


def test_events_in_any_number_move_once(till: Till, shop: Business, held: Held) -> None:
    moving.waiting(shop, held)
    till.stripe.pay(moving.session(shop, held))
    till.deliver(times=5, seed=4)
    assert (booking(shop, held).moves_done, len(moving.event(shop, "moved"))) == (1, 1)
    assert refunds(shop) == []


def test_slow_money_for_a_move_that_was_given_up_keeps_no_later_one(till: Till, shop: Business, held: Held) -> None:
    till.stripe.set_delayed_after(None)
    moving.waiting(shop, held)
    earlier = moving.session(shop, held)
    till.stripe.pay(earlier, CARD_DELAYED)
    till.deliver()
    leaving.cancelling(shop, held)
    undo.undo(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    moving.waiting(shop, held, moving.later(shop, 20))
    with database.reading(shop.id):
        account = overview(shop.id, held.booking_id)
    assert account.move is not None
    assert not account.move.is_on_its_way
    assert move_lapse.lapse(shop.id, held.booking_id, at=time.now() + moving.LATER)
    assert moving.unchanged(shop, held)
    moving.waiting(shop, held, moving.later(shop, 20))
    till.stripe.expire_session(moving.session(shop, held))
    till.stripe.settle_delayed(earlier, is_success=False)
    till.deliver()
    assert moving.days(shop, held) == {in_half_a_year(shop): OLD, moving.later(shop, 20): KEPT}
    assert move.give_up(shop.id, held.booking_id, actor=Actor.COUPLE, at=time.now())
    assert moving.unchanged(shop, held)
