"""A date is moved within the terms, as it was shown, and only by whoever it was shown to."""

from datetime import timedelta
from typing import Any

import pytest

from portal.availability import service as availability
from portal.bookings import tokens
from portal.bookings.policy.moving import MovePrice
from portal.bookings.states import Actor, LinkAction
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import DateTaken, Invalid
from portal.kernel.ids import uuid7
from portal.lifecycle import move
from portal.lifecycle.move import Moved, NotMovable
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import LIFETIME, Requoted, WhyNot
from tests.support import leaving, moving
from tests.support.couples import in_half_a_year
from tests.support.days import claims_of
from tests.support.till import Till, booking, owed, rows, stages
from tests.support.world import Business

SOON = timedelta(seconds=1)


def free(till: Till, shop: Business, **terms: Any) -> Any:
    """A booking that moves for nothing."""
    held = leaving.sold(till, shop)
    moving.terms(shop, held, {**moving.FREELY, **terms})
    return held


def test_a_free_move_is_done_at_once(till: Till, shop: Business) -> None:
    held = free(till, shop)
    before = booking(shop, held)
    done = moving.moved(shop, held)
    now = booking(shop, held)
    assert (now.event_on, now.original_on) == (moving.later(shop), in_half_a_year(shop))
    assert (done.event_on, done.refund_cents, now.moves_done, now.status) == (now.event_on, 0, 1, "confirmed")
    assert now.version > before.version
    assert moving.days(shop, held) == {moving.later(shop): ("event", False)}
    assert len(claims_of(shop)) == 1
    ((due_on,),) = rows(shop, "SELECT due_on FROM booking_payment_stage WHERE status = 'PENDING'")
    assert due_on == moving.later(shop) - timedelta(days=30)
    assert owed(shop).count("booking.moved") == 1
    assert moving.quotes(shop) == ["done"]
    assert moving.adds_up(shop, held)
    (told,) = moving.event(shop, "moved")
    assert told["event_on"] == [in_half_a_year(shop).isoformat(), moving.later(shop).isoformat()]


def test_a_move_by_a_day_keeps_the_days_that_both_dates_share(till: Till, shop: Business) -> None:
    shop.package("weekend", days=2, buffer_days=1)
    held = leaving.sold(till, shop, package_slug="weekend")
    moving.terms(shop, held, moving.FREELY)
    first_on = in_half_a_year(shop)
    before = rows(shop, "SELECT id FROM date_claim ORDER BY claimed_on")
    moving.moved(shop, held, first_on + timedelta(days=1))
    after = rows(shop, "SELECT id FROM date_claim ORDER BY claimed_on")
    kinds = [kind for kind, _ in moving.days(shop, held).values()]
    assert (kinds, after[:2]) == (["event", "event", "buffer"], before[1:])


def test_links_live_on_until_the_end_that_the_new_date_gives_them(till: Till, shop: Business) -> None:
    held = free(till, shop)
    direct = tokens.mint(shop.id, held.booking_id, action=LinkAction.RESCHEDULE, at=time.now())
    moving.moved(shop, held, moving.later(shop, 100))
    with database.reading(shop.id):
        links = database.rows("SELECT id, action, expires_at, used_at FROM booking_action_token")
    assert {row.action: row.used_at is None for row in links} == {"browser": True, "reschedule": False}
    ends_at = tokens.ends_at(moving.later(shop, 100), 1, shop.tenant.timezone)
    assert [row.expires_at == ends_at for row in links] == [row.id != direct.token_id for row in links]


@pytest.mark.parametrize(
    ("terms", "days", "sentence"),
    [
        ({"cutoff_days": 200}, 10, "could be moved until"),
        ({"free_moves": 0}, 10, "cannot be moved"),
    ],
)
def test_the_terms_say_whether_a_date_moves_at_all(
    till: Till, shop: Business, terms: dict[str, Any], days: int, sentence: str
) -> None:
    held = free(till, shop, **terms)
    with pytest.raises(NotMovable, match=sentence):
        moving.see(shop, held, moving.later(shop, days))


def test_the_ladder_ends_where_the_terms_end_it(till: Till, shop: Business) -> None:
    held = free(till, shop, free_moves=1)
    moving.moved(shop, held)
    with pytest.raises(NotMovable, match="as often as the terms allow"):
        moving.see(shop, held, moving.later(shop, 20))


def test_how_far_counts_from_the_date_it_was_first_made_for(till: Till, shop: Business) -> None:
    held = free(till, shop, farthest_days=30)
    moving.moved(shop, held, moving.later(shop, 30))
    with pytest.raises(Invalid, match="Please pick a date from") as refused:
        moving.see(shop, held, moving.later(shop, 31))
    assert set(refused.value.fields) == {"event_on"}
    moving.moved(shop, held, in_half_a_year(shop))
    assert booking(shop, held).original_on == in_half_a_year(shop)


def test_a_date_that_is_past_or_too_far_or_its_own_is_refused_at_its_field(till: Till, shop: Business) -> None:
    held = free(till, shop)
    today = shop.tenant.today(time.now())
    for day in (today - timedelta(days=1), today + timedelta(days=4 * 366), in_half_a_year(shop)):
        with pytest.raises(Invalid) as refused:
            moving.see(shop, held, day)
        assert set(refused.value.fields) == {"event_on"}


def test_a_date_that_is_taken_is_a_conflict_and_the_old_one_stays(till: Till, shop: Business) -> None:
    held = free(till, shop)
    quote = moving.see(shop, held)
    leaving.sold(till, shop, event_on=moving.later(shop))
    with pytest.raises(DateTaken):
        moving.see(shop, held)
    with pytest.raises(DateTaken):
        moving.confirm(shop, held, quote)
    assert moving.days(shop, held) == {in_half_a_year(shop): ("event", False)}
    assert booking(shop, held).moves_done == 0


@pytest.mark.parametrize("actor", [Actor.COUPLE, Actor.OWNER])
def test_only_a_booking_that_stands_is_moved(till: Till, shop: Business, actor: Actor) -> None:
    held = till.hold(shop)
    with pytest.raises(NotMovable, match="not paid yet"):
        moving.see(shop, held, actor=actor)
    till.pay(shop, held)
    till.deliver()
    leaving.cancelling(shop, held)
    with pytest.raises(NotMovable, match="being cancelled"):
        moving.see(shop, held, actor=actor)


def test_a_quote_serves_once_for_a_quarter_of_an_hour_whoever_it_was_shown_to(till: Till, shop: Business) -> None:
    held, other = free(till, shop), leaving.sold(till, shop, event_on=moving.later(shop, 50))
    quote = moving.see(shop, held)
    for booking_id, quote_id, actor in (
        (other.booking_id, quote.id, Actor.COUPLE),
        (held.booking_id, uuid7(), Actor.COUPLE),
        (held.booking_id, quote.id, Actor.OWNER),
    ):
        with pytest.raises(NotMovable, match="no longer know"):
            move.confirm(shop.id, booking_id, quote_id, actor=actor, at=time.now())
    late = moving.confirm(shop, held, quote, at=quote.expires_at + SOON)
    assert isinstance(late, Requoted)
    assert (late.why, late.quote.result) == (WhyNot.EXPIRED, quote.result)
    assert isinstance(moving.confirm(shop, held, late.quote, at=quote.expires_at + SOON), Moved)
    with pytest.raises(NotMovable, match="moved already"):
        moving.confirm(shop, held, late.quote, at=quote.expires_at + SOON)
    assert timedelta(minutes=15) == LIFETIME


def test_what_changed_since_it_was_shown_is_shown_anew(till: Till, shop: Business) -> None:
    held = free(till, shop)
    quote = moving.see(shop, held)
    leaving.pay_the_rest(till, shop, held)
    answer = moving.confirm(shop, held, quote)
    assert isinstance(answer, Requoted)
    assert answer.why is WhyNot.CHANGED
    assert booking(shop, held).event_on == in_half_a_year(shop)


def test_the_business_moves_any_time_for_a_fee_that_need_not_be_paid_first(till: Till, shop: Business) -> None:
    held = free(till, shop, cutoff_days=200, free_moves=0, farthest_days=1)
    done = moving.moved(shop, held, moving.later(shop, 90), actor=Actor.OWNER, fee_cents=7_500, price=MovePrice.OLD)
    now = booking(shop, held)
    assert (done.event_on, now.event_on, now.moves_done) == (moving.later(shop, 90), moving.later(shop, 90), 0)
    assert now.total_cents == 207_500
    assert stages(shop) == [
        ("DEPOSIT", 100_000, "COMPLETED"),
        ("REMAINDER", 100_000, "PENDING"),
        ("FEE", 7_500, "PENDING"),
    ]
    ((due_on,),) = rows(shop, "SELECT due_on FROM booking_payment_stage WHERE type = 'FEE'")
    assert due_on == shop.tenant.today(time.now())
    assert moving.adds_up(shop, held)


def test_a_fee_of_the_business_is_an_amount(till: Till, shop: Business) -> None:
    held = free(till, shop)
    for cents in (-1, 100_000_001):
        with pytest.raises(Invalid) as refused:
            moving.see(shop, held, actor=Actor.OWNER, fee_cents=cents)
        assert set(refused.value.fields) == {"fee"}


def test_blackouts_get_the_day_that_is_left_and_are_no_place_to_move_to(till: Till, shop: Business) -> None:
    held = free(till, shop)
    for day in (in_half_a_year(shop), moving.later(shop)):
        last_on = day + timedelta(days=1)
        availability.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=last_on, at=time.now())
    with pytest.raises(DateTaken):
        moving.see(shop, held)
    moving.moved(shop, held, moving.later(shop, 20))
    assert [kind for kind, _ in claims_of(shop).values()].count("blackout") == 4


def test_the_overview_of_a_booking_that_was_moved_waits_for_nothing(till: Till, shop: Business) -> None:
    held = free(till, shop)
    moving.moved(shop, held)
    with database.reading(shop.id):
        assert overview(shop.id, held.booking_id).move is None
