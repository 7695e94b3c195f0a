"""Past bookings become completed once their last day is over where the business is."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from portal.bookings import queries, service
from portal.bookings.states import Actor, BookingStatus
from portal.db import database
from portal.kernel import time
from portal.lifecycle.complete import complete_past
from portal.tenants import rules
from portal.tenants import service as tenants
from tests.support import couples
from tests.support.couples import in_half_a_year
from tests.support.world import Business, open_shop


def confirmed(shop: Business, **changes: Any) -> tuple[UUID, date]:
    """A confirmed booking of half a year ahead, and its date."""
    held = couples.hold(shop, **changes)
    service.transition(
        shop.id, held.booking_id, frm=BookingStatus.HELD, to=BookingStatus.CONFIRMED, at=time.now(),
        actor=Actor.STRIPE, kind="confirmed",
    )  # fmt: skip
    return held.booking_id, in_half_a_year(shop)


def status(shop: Business, booking_id: UUID) -> str:
    with database.reading(shop.id):
        return str(queries.by_id(shop.id, booking_id).status)


def local(shop: Business, day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(shop.tenant.timezone))


def test_a_booking_is_completed_when_its_day_is_over_at_the_business(own_database: str) -> None:
    east, west = open_shop(timezone="Pacific/Auckland"), open_shop(timezone="America/Los_Angeles")
    for shop in (east, west):
        booking_id, day = confirmed(shop)
        complete_past(local(shop, day, 23, 59))
        assert status(shop, booking_id) == "confirmed"
        complete_past(local(shop, day + timedelta(days=1), 0, 1))
        assert status(shop, booking_id) == "completed"
        with database.reading(shop.id):
            last = queries.timeline(shop.id, booking_id)[-1]
        assert (last.kind, last.actor, last.to_status) == ("completed", Actor.SYSTEM, "completed")


def test_a_booking_of_several_days_is_over_after_its_last(own_database: str) -> None:
    shop = open_shop()
    shop.package("weekend", days=3, buffer_days=2)
    booking_id, day = confirmed(shop, package_slug="weekend")
    complete_past(local(shop, day + timedelta(days=2), 12))
    assert status(shop, booking_id) == "confirmed"
    complete_past(local(shop, day + timedelta(days=3), 1))
    assert status(shop, booking_id) == "completed"


def test_only_confirmed_bookings_are_completed_and_only_once(own_database: str) -> None:
    shop = open_shop()
    held = couples.hold(shop, event_on=in_half_a_year(shop, plus=1)).booking_id
    booking_id, day = confirmed(shop)
    later = local(shop, day + timedelta(days=30), 12)
    assert complete_past(later) == 1
    assert complete_past(later) == 0
    assert (status(shop, held), status(shop, booking_id)) == ("held", "completed")


def test_a_zone_that_only_python_knows_keeps_nobody_else(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newer, other = open_shop(), open_shop()
    confirmed(newer)
    booking_id, day = confirmed(other)
    monkeypatch.setattr(rules, "ZoneInfo", lambda _: None)
    tenants.change_tenant(newer.id, timezone="America/Newly_Made")
    monkeypatch.setattr(time, "ZoneInfo", lambda name: ZoneInfo(name.replace("Newly_Made", "Lima")))
    complete_past(local(other, day, 23) + timedelta(days=1))
    assert status(other, booking_id) == "completed"
