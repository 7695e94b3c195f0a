"""Days on which a business does not work: it takes what is free, and what becomes free later."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from portal.availability import queries, service
from portal.availability.rules import span
from portal.db import database
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.time import days_from
from tests.support.days import AT, bare_booking, claims_of
from tests.support.world import Business

DAY = date(2027, 8, 1)


def black_out(shop: Business, first_on: date = DAY, days: int = 5, note: str = "") -> service.BlackoutResult:
    last_on = first_on + timedelta(days=days - 1)
    return service.black_out(
        shop.id, resource_id=shop.resource_id, first_on=first_on, last_on=last_on, at=AT, note=note
    )


def hold(shop: Business, event_on: date, days: int = 1) -> UUID:
    booking_id = bare_booking(shop)
    service.claim_days(
        shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=span(event_on, days, 0).held()
    )
    return booking_id


def owners(shop: Business) -> dict[date, UUID]:
    return {day: owner for (_, day), (_, owner) in claims_of(shop).items()}


def test_a_blackout_takes_the_free_days_and_lists_the_others(shop: Business) -> None:
    held = [DAY + timedelta(days=1), DAY + timedelta(days=2)]
    booking_id = hold(shop, held[0], days=2)
    result = black_out(shop, note="Family holiday")
    assert result.days_taken == held
    assert owners(shop) == {day: booking_id if day in held else result.blackout_id for day in days_from(DAY, 5)}
    with database.reading(shop.id):
        (shown,) = queries.blackouts(shop.id, resource_id=shop.resource_id, first_on=DAY, last_on=DAY)
    assert (shown.note, shown.days_claimed, shown.last_on) == ("Family holiday", 3, DAY + timedelta(days=4))


def test_a_blacked_out_day_cannot_be_held(shop: Business) -> None:
    black_out(shop)
    with pytest.raises(DateTaken):
        hold(shop, DAY + timedelta(days=4), days=2)


def test_a_blackout_of_nothing_but_taken_days_is_refused_and_leaves_no_row(shop: Business) -> None:
    hold(shop, DAY)
    with pytest.raises(Conflict):
        black_out(shop, days=1)
    with database.reading(shop.id):
        assert queries.blackouts(shop.id, resource_id=shop.resource_id, first_on=DAY, last_on=DAY) == []


def test_a_day_that_a_booking_gives_up_goes_to_the_blackout_that_covers_it(shop: Business) -> None:
    booking_id = hold(shop, DAY, days=2)
    result = black_out(shop)
    service.release_days(shop.id, booking_id=booking_id)
    assert owners(shop) == dict.fromkeys(days_from(DAY, 5), result.blackout_id)


def test_lifting_a_blackout_puts_its_days_back_on_sale(shop: Business) -> None:
    booking_id = hold(shop, DAY)
    service.lift_blackout(shop.id, blackout_id=black_out(shop).blackout_id)
    assert owners(shop) == {DAY: booking_id}


def test_lifting_one_of_two_blackouts_leaves_what_the_other_covers(shop: Business) -> None:
    first = black_out(shop, days=3)
    second = black_out(shop, first_on=DAY + timedelta(days=1), days=4)
    assert second.days_taken == [DAY + timedelta(days=1), DAY + timedelta(days=2)]
    service.lift_blackout(shop.id, blackout_id=first.blackout_id)
    assert owners(shop) == dict.fromkeys(days_from(DAY + timedelta(days=1), 4), second.blackout_id)


def test_lifting_twice_is_not_found(shop: Business) -> None:
    result = black_out(shop)
    service.lift_blackout(shop.id, blackout_id=result.blackout_id)
    with pytest.raises(NotFound):
        service.lift_blackout(shop.id, blackout_id=result.blackout_id)


def test_a_rival_can_neither_lift_nor_make_a_blackout_here(shop: Business, rival: Business) -> None:
    result = black_out(shop)
    with pytest.raises(NotFound):
        service.lift_blackout(rival.id, blackout_id=result.blackout_id)
    with pytest.raises(NotFound):
        service.black_out(rival.id, resource_id=shop.resource_id, first_on=DAY, last_on=DAY, at=AT)
    assert set(owners(shop).values()) == {result.blackout_id}


@pytest.mark.parametrize("days", [0, -3, 367, 5000])
def test_a_range_that_ends_before_it_begins_or_is_longer_than_a_year_is_refused(shop: Business, days: int) -> None:
    with pytest.raises(Invalid) as told:
        black_out(shop, days=days)
    assert set(told.value.fields) == {"last_on"}


def test_an_unknown_resource_is_not_found(shop: Business) -> None:
    with pytest.raises(NotFound):
        service.black_out(shop.id, resource_id=uuid7(), first_on=DAY, last_on=DAY, at=AT)
