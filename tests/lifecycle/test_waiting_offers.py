"""What is kept for who waited is booked by their browser alone, and comes back to them if it is not paid."""

from dataclasses import replace
from datetime import time as Time  # noqa: N812  the module of that name is ours
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.db import database
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.kernel.errors import DateTaken
from portal.lifecycle.hold import Held, hold_date
from portal.lifecycle.release import release
from tests.support import couples, sold
from tests.support.couples import in_half_a_year
from tests.support.queues import entry, join, kept, link, offered, serve, statuses
from tests.support.till import Till, booking, owed
from tests.support.world import Business

MIDNIGHT = Time(0)
TWO_DAYS = timedelta(hours=48)
AFTER_SESSION = timedelta(minutes=35, seconds=1)


def take(shop: Business, *tokens: UUID, nonce: UUID | None = None, **wish: object) -> Held:
    """The form, sent by a browser that holds these links."""
    return hold_date(shop.id, replace(couples.form(shop, nonce=nonce, **wish), links=tokens), at=time.now())


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


def test_a_payment_that_fails_gives_the_days_back_to_the_offer(till: Till, shop: Business) -> None:
    entry_id = offered(shop, "Ada")
    join(shop, "Bea")
    held = take(shop, link(shop, entry_id))
    till.open(shop, held)
    till.stripe.set_delayed_after(None)
    session = till.pay(shop, held, CARD_DELAYED)
    till.deliver()
    till.stripe.settle_delayed(session["id"], is_success=False)
    till.deliver()
    assert booking(shop, held).status == "expired"
    serve(shop)
    assert statuses(shop) == {"Ada": "offered", "Bea": "waiting"}
    assert kept(shop, entry_id) == [in_half_a_year(shop)]
