"""A booking's own terms over its own money: the timeline and the refund agree on every day, at midnight too."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.bookings import queries
from portal.bookings import terms as verbs
from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier
from portal.bookings.policy.documents import move_policy
from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel import time as clock
from portal.kernel.errors import Invalid
from portal.lifecycle import terms
from portal.lifecycle.overview import Overview, overview
from portal.payments import refunds
from portal.payments.states import RefundReason
from tests.support import couples, sold, world
from tests.support.world import Business

ZONE = "Pacific/Auckland"
TERMS = CancellationPolicy((Tier(90, 100), Tier(30, 50), Tier(0, 10)), Kept.FEE, 12_345, 678, 60, 5)


@pytest.fixture
def shop(connected: object) -> Business:
    shop = world.open_shop(timezone=ZONE)
    verbs.set_business_terms(shop.id, TERMS, move_policy(shop.tenant.move_policy))
    return shop


def read(shop: Business, booking_id: object) -> tuple[BookingView, Overview]:
    with database.reading(shop.id):
        booking = queries.by_id(shop.id, booking_id)  # type: ignore[arg-type]
        return booking, overview(shop.id, booking.id)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(ZONE))


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def test_the_timeline_a_couple_reads_is_what_a_cancellation_gives_at_any_minute_of_every_day(shop: Business) -> None:
    sale = sold.sell(shop, quantities={shop.add_ons["Album"]: 2})
    booking, account = read(shop, sale.booking_id)
    told = terms.steps_of(booking, account, zone=ZONE, at=clock.now())
    assert len(told) == 5  # cooling-off, 90 days, 60 for the add-ons, 30, the day itself
    for day in days(shop.tenant.today(clock.now()), booking.event_on + timedelta(days=2)):
        step = next((step.cents for step in told if day <= step.until), 0)
        for at in (local(day, 0), local(day, 23, 59)):
            found = terms.refund_of(booking, account, zone=ZONE, at=at)
            assert found.figures.refund_cents == step, at
            assert sum(part.cents for part in found.parts) == step


def test_what_went_back_already_is_not_given_back_again(shop: Business) -> None:
    sale = sold.sell(shop)
    booking, account = read(shop, sale.booking_id)
    (payment,) = account.payments
    assert payment.left_cents == 100_000
    refunds.request(shop.id, payment.id, reason=RefundReason.OWNER, amount_cents=30_000, at=clock.now())
    booking, account = read(shop, sale.booking_id)
    assert terms.captured_cents(account) == 70_000
    assert terms.refund_of(booking, account, zone=ZONE, at=clock.now()).figures.refund_cents == 70_000  # cooling off
    later = booking.event_on - timedelta(days=90)
    assert terms.refund_of(booking, account, zone=ZONE, at=local(later, 12)).figures.refund_cents == 70_000 - 13_023


def test_a_refund_that_failed_is_owed_and_is_not_there_to_be_shared_once_more(shop: Business) -> None:
    sale = sold.sell(shop)
    payment = read(shop, sale.booking_id)[1].payments[0]
    refunds.request(shop.id, payment.id, reason=RefundReason.OWNER, amount_cents=30_000, at=clock.now())
    with database.writing(shop.id):
        database.execute("UPDATE refund_request SET status = 'FAILED' WHERE booking_id = %s", sale.booking_id)
    booking, account = read(shop, sale.booking_id)
    assert account.payments[0].left_cents == 100_000
    assert terms.captured_cents(account) == 70_000
    assert terms.refund_of(booking, account, zone=ZONE, at=clock.now()).figures.refund_cents == 70_000


def test_once_everything_is_paid_the_steps_are_of_everything(shop: Business) -> None:
    sale = sold.sell(shop)
    booking, account = read(shop, sale.booking_id)
    steps = terms.steps_when_paid(booking, account, zone=ZONE, at=clock.now())
    assert [step.cents for step in steps][:2] == [200_000, 200_000 - 13_023]


def test_the_deposit_that_is_kept_is_the_share_of_the_total_also_when_all_is_paid_at_once(connected: object) -> None:
    shop = world.open_shop(deposit_percent=33)
    sale = sold.sell(shop, pays_in_full=True, quantities={shop.add_ons["Album"]: 1})
    booking, _ = read(shop, sale.booking_id)
    assert booking.policy.deposit_cents == 75_900
    assert booking.policy.cancellation.kept is Kept.DEPOSIT  # the terms a business with a deposit begins with


def test_a_policy_without_sense_is_not_saved(shop: Business) -> None:
    moving = move_policy(shop.tenant.move_policy)
    rising = CancellationPolicy((Tier(90, 10), Tier(30, 50)), Kept.NOTHING, 0, 0, None, 0)
    with pytest.raises(Invalid) as told:
        verbs.set_business_terms(shop.id, rising, moving)
    assert set(told.value.fields) == {"tier_percent_2"}
    with pytest.raises(Invalid) as told:
        verbs.set_package_terms(shop.id, shop.packages["whole-day"], rising, None)
    assert set(told.value.fields) == {"tier_percent_2"}
    sale = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=3))
    assert read(shop, sale.booking_id)[0].policy.cancellation == TERMS
