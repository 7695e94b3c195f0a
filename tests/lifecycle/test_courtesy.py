"""A date kept without paying: for how long, what ends it, and that no payment is ever lost over it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from portal.bookings import queries
from portal.bookings.queries import BookingView
from portal.catalog.queries import package_by_slug
from portal.db import database
from portal.kernel import time as clock
from portal.kernel.errors import Conflict, Invalid, Stale
from portal.kernel.time import local_instant
from portal.lifecycle import courtesy
from portal.lifecycle.courtesy import NotReleasable
from portal.lifecycle.hold import Held, HoldEnded, hold_date
from portal.lifecycle.hold_terms import fingerprint
from portal.lifecycle.release import release
from portal.tenants.service import change_tenant
from tests.support.couples import form, in_half_a_year
from tests.support.days import claims_of
from tests.support.keeping import DAYS, end_of, keep
from tests.support.till import Till, owed, rows
from tests.support.world import Business, open_shop


@pytest.fixture
def kind_shop(connected: object) -> Business:
    """A business that keeps dates for a week."""
    return open_shop(courtesy_days=DAYS)


def kept(shop: Business, held: Held) -> BookingView:
    with database.reading(shop.id):
        return queries.by_id(shop.id, held.booking_id)


def test_it_is_kept_to_the_end_of_the_last_day_without_any_checkout(kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    booking = kept(kind_shop, held)
    assert held.checkout_id is None
    assert (booking.status, booking.is_courtesy, booking.challenged_at) == ("held", True, None)
    assert booking.hold_expires_at == booking.courtesy_until == end_of(kind_shop, DAYS)
    assert rows(kind_shop, "SELECT id FROM checkout") == []
    assert claims_of(kind_shop)[kind_shop.resource_id, in_half_a_year(kind_shop)] == ("hold", held.booking_id)
    assert rows(kind_shop, "SELECT kind, to_status FROM booking_event") == [("courtesy_held", "held")]
    assert sorted(owed(kind_shop)) == ["booking.courtesy_ends", "booking.courtesy_held"]


def test_it_never_reaches_into_the_day_of_the_event(kind_shop: Business) -> None:
    today = kind_shop.tenant.today(clock.now())
    _, held = keep(kind_shop, event_on=today + timedelta(days=4))
    assert kept(kind_shop, held).courtesy_until == end_of(kind_shop, 3)
    with pytest.raises(Invalid) as refused:
        keep(kind_shop, event_on=today + timedelta(days=1), email="late@couple.example", second_email=None)
    assert set(refused.value.fields) == {"pay"}


def test_a_business_that_does_not_offer_it_is_not_made_to(shop: Business) -> None:
    with pytest.raises(Invalid) as refused:
        keep(shop)
    assert set(refused.value.fields) == {"pay"}
    assert claims_of(shop) == {}


def test_an_offer_of_fewer_days_than_the_page_showed_is_not_agreed(kind_shop: Business) -> None:
    with database.reading(kind_shop.id):
        offer = fingerprint(kind_shop.tenant, package_by_slug(kind_shop.id, "whole-day"))
    change_tenant(kind_shop.id, courtesy_days=2)
    with pytest.raises(Stale):
        hold_date(kind_shop.id, replace(form(kind_shop, is_courtesy=True), offer=offer), at=clock.now())


def test_the_same_form_again_finds_it_and_writes_nothing(kind_shop: Business) -> None:
    request, held = keep(kind_shop)
    before = owed(kind_shop)
    again = hold_date(kind_shop.id, replace(request, links=(held.token_id,) if held.token_id else ()), at=clock.now())
    assert (again.booking_id, again.checkout_id, again.token_id) == (held.booking_id, None, None)
    assert owed(kind_shop) == before


@pytest.mark.parametrize(
    "people",
    [
        {"email": "Anna@Couple.example", "second_email": None},
        {"email": "ben@couple.example", "second_email": None},
        {"email": "new@couple.example", "second_email": "ANNA@couple.example"},
    ],
)
def test_a_couple_keeps_one_date_at_a_time(kind_shop: Business, people: dict[str, Any]) -> None:
    _, held = keep(kind_shop)
    with pytest.raises(Conflict) as refused:
        keep(kind_shop, event_on=in_half_a_year(kind_shop, plus=1), **people)
    assert refused.value.params["day"] == in_half_a_year(kind_shop)
    hold_date(kind_shop.id, form(kind_shop, event_on=in_half_a_year(kind_shop, plus=1), **people), at=clock.now())
    courtesy.release(kind_shop.id, held.booking_id, at=clock.now())
    keep(kind_shop, event_on=in_half_a_year(kind_shop, plus=2), **people)


def test_other_couples_and_other_businesses_are_not_in_the_way(kind_shop: Business) -> None:
    keep(kind_shop)
    keep(kind_shop, event_on=in_half_a_year(kind_shop, plus=1), email="eve@couple.example", second_email=None)
    keep(open_shop(courtesy_days=1))


def test_it_ends_by_itself_and_says_so(till: Till, kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    end = end_of(kind_shop, DAYS)
    assert release(kind_shop.id, held.booking_id, at=end - timedelta(seconds=1)) is False
    assert release(kind_shop.id, held.booking_id, at=end) is True
    assert (kept(kind_shop, held).status, claims_of(kind_shop)) == ("expired", {})
    assert "booking.courtesy_ended" in owed(kind_shop)
    assert rows(kind_shop, "SELECT kind FROM booking_event ORDER BY sequence")[-1] == ("courtesy_ended",)


def test_its_reminder_is_due_at_ten_on_the_day_before(kind_shop: Business) -> None:
    keep(kind_shop)
    last_on = kind_shop.tenant.today(clock.now()) + timedelta(days=DAYS)
    due = rows(kind_shop, "SELECT due_at, payload FROM outbox WHERE kind = 'booking.courtesy_ends'")
    assert due == [
        (local_instant(last_on - timedelta(days=1), time(10), "America/New_York"), {"last_on": str(last_on)})
    ]


def test_what_ends_tomorrow_comes_without_a_reminder(connected: object) -> None:
    shop = open_shop(courtesy_days=1)
    keep(shop)
    assert owed(shop) == ["booking.courtesy_held"]


def test_days_are_counted_at_the_place_of_the_business(connected: object) -> None:
    shop = open_shop(courtesy_days=2)
    at = datetime(2027, 6, 1, 2, 30, tzinfo=UTC)  # still the 31st of May in New York
    _, held = keep(shop, at=at, event_on=date(2027, 9, 1))
    assert kept(shop, held).courtesy_until == datetime(2027, 6, 3, 3, 59, 59, tzinfo=UTC)


def test_a_challenge_leaves_48_hours(kind_shop: Business) -> None:
    _, held = keep(kind_shop)
    at = clock.now().replace(microsecond=0)
    assert courtesy.challenge(kind_shop.id, held.booking_id, at=at) == at + timedelta(hours=48)
    booking = kept(kind_shop, held)
    assert booking.hold_expires_at == booking.courtesy_until == at + timedelta(hours=48)
    assert booking.challenged_at == at
    later = courtesy.challenge(kind_shop.id, held.booking_id, at=at + timedelta(hours=1))
    assert later == at + timedelta(hours=48)
    assert owed(kind_shop).count("booking.challenged") == 1
    assert owed(kind_shop).count("booking.courtesy_ends") == 2
    assert rows(kind_shop, "SELECT kind FROM booking_event ORDER BY sequence")[-1] == ("challenged",)


def test_a_challenge_never_makes_the_time_longer(connected: object) -> None:
    shop = open_shop(courtesy_days=1)
    _, held = keep(shop)
    assert courtesy.challenge(shop.id, held.booking_id, at=clock.now()) == end_of(shop, 1)


def test_only_what_is_kept_by_courtesy_can_be_challenged(till: Till, kind_shop: Business) -> None:
    held = till.hold(kind_shop)
    assert courtesy.challenge(kind_shop.id, held.booking_id, at=clock.now()) is None
    till.pay(kind_shop, held)
    till.deliver()
    assert courtesy.challenge(kind_shop.id, held.booking_id, at=clock.now()) is None
    _, other = keep(kind_shop, event_on=in_half_a_year(kind_shop, plus=1))
    assert courtesy.challenge(kind_shop.id, other.booking_id, at=end_of(kind_shop, DAYS)) is None
    assert "booking.challenged" not in owed(kind_shop)


def test_giving_it_back_frees_the_date_at_once(till: Till, kind_shop: Business) -> None:
    request, held = keep(kind_shop)
    courtesy.release(kind_shop.id, held.booking_id, at=clock.now())
    assert (kept(kind_shop, held).status, claims_of(kind_shop)) == ("cancelled", {})
    assert {status for (status,) in rows(kind_shop, "SELECT status FROM booking_payment_stage")} == {"VOID"}
    with pytest.raises(NotReleasable):
        courtesy.release(kind_shop.id, held.booking_id, at=clock.now())
    with pytest.raises(HoldEnded):
        hold_date(kind_shop.id, request, at=clock.now())


def test_a_hold_that_waits_for_a_payment_is_not_given_back(till: Till, kind_shop: Business) -> None:
    held = till.hold(kind_shop)
    with pytest.raises(NotReleasable):
        courtesy.release(kind_shop.id, held.booking_id, at=clock.now())
    assert kept(kind_shop, held).status == "held"
