"""Who waits for a date gets it in turn, for 48 hours in which it is really kept, and loses it to nobody by accident."""

from dataclasses import replace
from datetime import date, timedelta
from datetime import time as Time  # noqa: N812  the module of that name is ours
from uuid import UUID, uuid4

import pytest

from portal.availability import service as dates
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound
from portal.lifecycle import waiting
from portal.lifecycle.hold import Held, hold_date
from portal.lifecycle.release import release
from portal.lifecycle.waiting import NotWaiting, StillFree
from tests.support import couples, queues, sold, world
from tests.support.couples import in_half_a_year
from tests.support.queues import entry, join, kept, link, serve, statuses
from tests.support.sold import Sold
from tests.support.till import Till, booking, owed, rows
from tests.support.world import Business

MIDNIGHT = Time(0)
TWO_DAYS = timedelta(hours=48)
AFTER_SESSION = timedelta(minutes=35, seconds=1)


def free(shop: Business, booked: Sold | Held) -> None:
    """A booking lets its days go, whatever led to it in life."""
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'cancelled' WHERE id = %s", booked.booking_id)
    dates.release_days(shop.id, booking_id=booked.booking_id)


def take(shop: Business, *tokens: UUID, nonce: UUID | None = None, **wish: object) -> Held:
    """The form, sent by a browser that holds these links."""
    return hold_date(shop.id, replace(couples.form(shop, nonce=nonce, **wish), links=tokens), at=time.now())


def test_freed_days_go_to_who_asked_first_and_to_nobody_else(shop: Business) -> None:
    booked = sold.sell(shop)
    first, second = join(shop, "Ada"), join(shop, "Bea")
    free(shop, booked)
    serve(shop)
    assert statuses(shop) == {"Ada": "offered", "Bea": "waiting"}
    assert kept(shop, first) == [in_half_a_year(shop)]
    assert kept(shop, second) == []
    assert owed(shop).count("waitlist.offered") == 1
    with pytest.raises(DateTaken):
        couples.hold(shop)


def test_nobody_is_told_of_days_for_which_nobody_waits(shop: Business) -> None:
    booked = sold.sell(shop)
    join(shop, on=None)
    other = sold.sell(shop, event_on=in_half_a_year(shop, plus=3))
    free(shop, other)
    assert "dates.freed" not in owed(shop)
    free(shop, booked)
    assert "dates.freed" in owed(shop)


def test_an_offer_that_runs_out_goes_on_to_the_next(own_database: str) -> None:
    shop = world.open_shop()
    booked = sold.sell(shop)
    first, second = join(shop, "Ada"), join(shop, "Bea")
    free(shop, booked)
    at = time.now()
    waiting.sweep(at)
    assert entry(shop, first).offer_ends_at == (at + TWO_DAYS).replace(microsecond=0)
    waiting.sweep(at + TWO_DAYS - timedelta(minutes=1))
    assert statuses(shop) == {"Ada": "offered", "Bea": "waiting"}
    waiting.sweep(at + TWO_DAYS)
    assert statuses(shop) == {"Ada": "lapsed", "Bea": "offered"}
    assert (kept(shop, first), kept(shop, second)) == ([], [in_half_a_year(shop)])
    assert owed(shop).count("waitlist.ended") == 1


def test_an_offer_never_reaches_into_the_day_itself(own_database: str) -> None:
    shop = world.open_shop()
    tomorrow = shop.tenant.today(time.now()) + timedelta(days=1)
    booked = sold.sell(shop, event_on=tomorrow, pays_in_full=True)
    entry_id = join(shop, on=tomorrow)
    free(shop, booked)
    serve(shop)
    ends_at = entry(shop, entry_id).offer_ends_at
    assert ends_at == time.local_instant(tomorrow, MIDNIGHT, shop.tenant.timezone)
    waiting.sweep(ends_at)
    assert statuses(shop) == {"Zoe": "lapsed"}


def test_who_waits_for_a_date_that_has_come_waits_no_longer_and_hears_nothing(own_database: str) -> None:
    shop = world.open_shop()
    sold.sell(shop)
    entry_id = join(shop)
    start = time.local_instant(in_half_a_year(shop), MIDNIGHT, shop.tenant.timezone)
    waiting.sweep(start - timedelta(seconds=1))
    assert statuses(shop) == {"Zoe": "waiting"}
    waiting.sweep(start)
    assert statuses(shop) == {"Zoe": "lapsed"}
    assert entry(shop, entry_id).ended_at == start
    assert "waitlist.ended" not in owed(shop)


def test_a_longer_event_is_offered_only_once_all_its_days_are_free_and_keeps_nobody_behind_it(shop: Business) -> None:
    shop.package("three-days", days=2, buffer_days=1)
    day = in_half_a_year(shop)
    first, last = sold.sell(shop, event_on=day), sold.sell(shop, event_on=day + timedelta(days=2))
    long = join(shop, "Ada", package="three-days")
    short = join(shop, "Bea")
    free(shop, first)
    serve(shop)
    assert statuses(shop) == {"Ada": "waiting", "Bea": "offered"}
    waiting.leave(shop.id, short, (link(shop, short),), at=time.now())
    free(shop, last)
    serve(shop)
    assert entry(shop, long).status == "offered"
    assert kept(shop, long) == time.days_from(day, 3)


def test_days_that_the_business_closed_meanwhile_are_offered_to_nobody(shop: Business) -> None:
    booked, day = sold.sell(shop), in_half_a_year(shop)
    join(shop)
    dates.black_out(shop.id, resource_id=shop.resource_id, first_on=day - timedelta(days=1), last_on=day, at=time.now())
    free(shop, booked)
    serve(shop)
    assert statuses(shop) == {"Zoe": "waiting"}
    ((blackout_id,),) = rows(shop, "SELECT id FROM blackout_date")
    dates.lift_blackout(shop.id, blackout_id=blackout_id)
    serve(shop)
    assert statuses(shop) == {"Zoe": "offered"}


def test_the_sweep_finds_what_nobody_told_of(own_database: str) -> None:
    shop = world.open_shop()
    booked = sold.sell(shop)
    join(shop, "Ada")
    join(shop, "Bea")
    free(shop, booked)
    waiting.sweep(time.now())
    assert statuses(shop) == {"Ada": "offered", "Bea": "waiting"}


def test_only_the_browser_with_the_link_can_book_what_is_kept_and_does(till: Till, shop: Business) -> None:
    entry_id = offered(shop)
    with pytest.raises(DateTaken):
        take(shop)
    held = take(shop, link(shop, entry_id))
    assert entry(shop, entry_id).status == "taken"
    assert kept(shop, entry_id) == []
    till.open(shop, held)
    till.pay(shop, held)
    till.deliver()
    assert booking(shop, held).status == "confirmed"
    assert statuses(shop) == {"Zoe": "taken"}


def offered(shop: Business, name: str = "Zoe") -> UUID:
    """Somebody whose turn it is."""
    booked = sold.sell(shop)
    entry_id = join(shop, name)
    free(shop, booked)
    serve(shop)
    assert entry(shop, entry_id).status == "offered"
    return entry_id


def test_the_link_of_somebody_else_who_waits_books_nothing(shop: Business, rival: Business) -> None:
    entry_id = offered(shop)
    second = join(shop, "Bea")
    sold.sell(rival)
    elsewhere = join(rival)
    for token in (link(shop, second), link(rival, elsewhere), uuid4()):
        with pytest.raises(DateTaken):
            take(shop, token)
    assert entry(shop, entry_id).status == "offered"


def test_another_package_or_another_day_does_not_use_the_offer(shop: Business) -> None:
    shop.package("evening", cents=90_000)
    entry_id = offered(shop)
    with pytest.raises(DateTaken):
        take(shop, link(shop, entry_id), package_slug="evening")
    take(shop, link(shop, entry_id), event_on=in_half_a_year(shop, plus=9))
    assert entry(shop, entry_id).status == "offered"
    assert kept(shop, entry_id) == [in_half_a_year(shop)]


def test_a_hold_that_is_not_paid_gives_the_days_back_to_the_offer_while_it_lasts(till: Till, shop: Business) -> None:
    entry_id, second = offered(shop, "Ada"), join(shop, "Bea")
    held = take(shop, link(shop, entry_id))
    till.open(shop, held)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER_SESSION)
    serve(shop)
    assert statuses(shop) == {"Ada": "offered", "Bea": "waiting"}
    assert kept(shop, entry_id) == [in_half_a_year(shop)]
    again = take(shop, link(shop, entry_id))
    assert entry(shop, entry_id).booking_id == again.booking_id
    till.open(shop, again)
    assert release(shop.id, again.booking_id, at=time.now() + TWO_DAYS + AFTER_SESSION)
    serve(shop)
    assert statuses(shop) == {"Ada": "lapsed", "Bea": "offered"}
    assert kept(shop, second) == [in_half_a_year(shop)]
    assert owed(shop).count("waitlist.ended") == 1


def test_a_payment_that_comes_late_still_finds_its_offer(till: Till, shop: Business) -> None:
    entry_id = offered(shop)
    held = take(shop, link(shop, entry_id))
    till.open(shop, held)
    till.stripe.drop_answers("POST", "/v1/checkout/sessions")  # it cannot be ended, and is forgotten
    forget_session(shop, held)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER_SESSION)
    assert entry(shop, entry_id).status == "offered"
    restore_session(shop, held)
    till.pay(shop, held)
    till.stripe.clear_faults()
    till.deliver()
    assert booking(shop, held).status == "confirmed"
    assert statuses(shop) == {"Zoe": "taken"}
    assert kept(shop, entry_id) == []


def forget_session(shop: Business, held: Held) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE checkout SET status = 'expired' WHERE booking_id = %s", held.booking_id)


def restore_session(shop: Business, held: Held) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE checkout SET status = 'open' WHERE booking_id = %s", held.booking_id)


def test_a_form_that_is_changed_to_another_day_gives_the_offer_up(till: Till, shop: Business) -> None:
    entry_id, second = offered(shop, "Ada"), join(shop, "Bea")
    nonce, token = uuid4(), link(shop, entry_id)
    held = take(shop, token, nonce=nonce)
    same = take(shop, token, nonce=nonce, venue="Another mill")
    assert (same.booking_id, entry(shop, entry_id).status) == (held.booking_id, "taken")
    take(shop, token, nonce=nonce, event_on=in_half_a_year(shop, plus=9))
    serve(shop)
    assert statuses(shop) == {"Ada": "left", "Bea": "offered"}
    assert kept(shop, second) == [in_half_a_year(shop)]


def test_a_form_can_be_changed_to_the_day_that_is_kept(till: Till, shop: Business) -> None:
    entry_id, nonce = offered(shop), uuid4()
    held = take(shop, link(shop, entry_id), nonce=nonce, event_on=in_half_a_year(shop, plus=9))
    till.open(shop, held)
    assert take(shop, link(shop, entry_id), nonce=nonce).booking_id == held.booking_id
    assert entry(shop, entry_id).booking_id == held.booking_id


def test_who_leaves_makes_room_for_the_next(shop: Business) -> None:
    first, second = offered(shop, "Ada"), join(shop, "Bea")
    with pytest.raises(NotFound):
        waiting.leave(shop.id, first, (link(shop, second),), at=time.now())
    waiting.leave(shop.id, first, (link(shop, first),), at=time.now())
    serve(shop)
    assert statuses(shop) == {"Ada": "left", "Bea": "offered"}
    with pytest.raises(NotWaiting):
        waiting.leave(shop.id, first, (link(shop, first),), at=time.now())


def test_the_business_can_take_somebody_off_the_list_who_then_hears_of_it(shop: Business, rival: Business) -> None:
    first = offered(shop, "Ada")
    with pytest.raises(NotFound):
        waiting.remove(rival.id, first, at=time.now())
    waiting.remove(shop.id, first, at=time.now())
    assert statuses(shop) == {"Ada": "left"}
    assert owed(shop).count("waitlist.ended") == 1
    with pytest.raises(NotWaiting):
        waiting.remove(shop.id, first, at=time.now())


def test_one_address_stands_in_one_queue_once(shop: Business) -> None:
    sold.sell(shop)
    first = join(shop, email="zoe@waiting.example")
    assert join(shop, "Zora", email="ZOE@waiting.example") == first
    assert statuses(shop) == {"Zoe": "waiting"}
    assert owed(shop).count("waitlist.joined") == 2


def test_a_queue_has_an_end(shop: Business) -> None:
    sold.sell(shop)
    for number in range(20):
        join(shop, f"N{number}")
    with pytest.raises(Conflict, match="the list is full"):
        join(shop, "Last")
    join(shop, "N3")


def test_a_free_a_closed_a_past_and_an_unknown_thing_cannot_be_waited_for(shop: Business) -> None:
    day = in_half_a_year(shop)
    with pytest.raises(StillFree):
        join(shop)
    dates.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=day, at=time.now())
    for on in (day, shop.tenant.today(time.now()) - timedelta(days=1), date.max - timedelta(days=1)):
        with pytest.raises(Invalid) as caught:
            join(shop, on=on)
        assert "date" in caught.value.fields
    with pytest.raises(NotFound):
        join(shop, package="none")
    assert statuses(shop) == {}
    assert queues.entry(shop, uuid4()) is None


def test_asking_for_a_date_that_courtesy_keeps_makes_its_couple_decide(own_database: str) -> None:
    shop = world.open_shop(courtesy_days=10)
    held = couples.hold(shop, is_courtesy=True)
    before = booking(shop, held).hold_expires_at
    at = time.now()
    join(shop, at=at)
    now = booking(shop, held)
    assert now.challenged_at == at
    assert now.hold_expires_at == (at + TWO_DAYS).replace(microsecond=0) < before


def test_courtesy_is_not_shortened_for_nothing_and_is_once_it_alone_is_in_the_way(own_database: str) -> None:
    shop = world.open_shop(courtesy_days=10)
    shop.package("two-days", days=2)
    held = couples.hold(shop, is_courtesy=True)
    booked = sold.sell(shop, event_on=in_half_a_year(shop, plus=1), email="c@couple.example", second_email=None)
    join(shop, package="two-days")
    waiting.sweep(time.now())
    assert booking(shop, held).challenged_at is None
    free(shop, booked)
    waiting.sweep(time.now())
    assert booking(shop, held).challenged_at is not None
