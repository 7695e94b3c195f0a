"""Two tabs change the same booking at the same instant: one of them wins, the other is told, and sums stay sums."""

from dataclasses import replace

import pytest

from portal.bookings import address_changes, queries
from portal.bookings.details import details_of
from portal.bookings.states import Actor, WhichAddress
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.lifecycle import add_ons, address, cancel, details
from portal.lifecycle.add_ons import Done
from portal.lifecycle.address import LinkUsedUp
from portal.lifecycle.cancel import Confirmed
from portal.lifecycle.details import ChangedMeanwhile, NotChangeable
from tests.concurrency.test_settle_races import race
from tests.support import leaving, sold
from tests.support.till import rows
from tests.support.world import Business

pytestmark = pytest.mark.slow
RACERS = 6
SUMS = (
    "SELECT b.total_cents, (SELECT sum(gross_cents)::int FROM booking_line WHERE booking_id = b.id) AS lines,"
    " (SELECT sum(amount_cents)::int FROM booking_payment_stage WHERE booking_id = b.id AND status <> 'VOID') AS stages"
    " FROM booking b"
)


def test_many_tabs_confirm_the_same_add_ons_once(shop: Business) -> None:
    booking = sold.sell(shop)
    quote = add_ons.see(shop.id, booking.booking_id, {shop.add_ons["Album"]: 1}, at=time.now())
    answers = race(*[lambda: add_ons.confirm(shop.id, booking.booking_id, quote.id, at=time.now())] * RACERS)
    assert sum(isinstance(each, Done) for each in answers) == 1
    assert sum(isinstance(each, NotChangeable) for each in answers) == RACERS - 1
    assert rows(shop, SUMS) == [(230_000, 230_000, 230_000)]


def test_other_add_ons_in_two_tabs(shop: Business) -> None:
    booking, album = sold.sell(shop), shop.add_ons["Album"]
    offers = [add_ons.see(shop.id, booking.booking_id, {album: count}, at=time.now()) for count in (1, 2)]
    race(*[lambda each=each: add_ons.confirm(shop.id, booking.booking_id, each.id, at=time.now()) for each in offers])
    ((total, *sums),) = rows(shop, SUMS)
    assert total in {230_000, 260_000}
    assert sums == [total, total]


@pytest.mark.parametrize("_round", range(3))
def test_add_ons_and_a_cancellation_at_once(shop: Business, _round: int) -> None:
    booking = sold.sell(shop)
    other = add_ons.see(shop.id, booking.booking_id, {shop.add_ons["Album"]: 1}, at=time.now())
    leave = leaving.see(shop, booking)
    changed, left = race(
        lambda: add_ons.confirm(shop.id, booking.booking_id, other.id, at=time.now()),
        lambda: cancel.confirm(shop.id, booking.booking_id, leave.id, actor=Actor.COUPLE, at=time.now()),
    )
    assert isinstance(changed, Done) is not isinstance(left, Confirmed)
    ((total, *sums),) = rows(shop, SUMS)
    assert sums == [total, total]


def test_one_says_yes_in_many_windows(shop: Business) -> None:
    booking = sold.sell(shop)
    change_id = address.ask(shop.id, booking.booking_id, WhichAddress.FIRST, "vale@new.example", at=time.now())
    with database.reading(shop.id):
        change = address_changes.load(shop.id, booking.booking_id, change_id)
    assert change
    link = address_changes.mint_link(shop.id, change, at=time.now()).token_id
    answers = race(*[lambda: address.confirm(shop.id, booking.booking_id, link, at=time.now())] * RACERS)
    assert sum(isinstance(each, LinkUsedUp) for each in answers) == RACERS - 1
    alive = "SELECT count(*) FROM booking_action_token WHERE used_at IS NULL AND revoked_at IS NULL"
    assert rows(shop, alive) == [(1,)]
    assert rows(shop, "SELECT count(*) FROM booking_event WHERE kind = 'email_changed'") == [(1,)]


def test_both_partners_save_at_once(shop: Business) -> None:
    booking = sold.sell(shop)
    with database.reading(shop.id):
        before = details_of(queries.by_id(shop.id, booking.booking_id))
    wishes = [replace(before, venue=venue) for venue in ("The Barn", "The Castle")]
    answers = race(
        *[
            lambda each=each: details.save(shop.id, booking.booking_id, each, seen=before.fingerprint, at=time.now())
            for each in wishes
        ]
    )
    assert sum(each is True for each in answers) == 1
    assert sum(isinstance(each, ChangedMeanwhile) for each in answers) == 1
    assert all(isinstance(each, bool | Conflict) for each in answers)
