"""A form sent again with changes: everything is swapped in one step, after the open session was ended at Stripe."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.bookings import queries
from portal.db import database
from portal.devtools.stripe_emulator import CARD_PAYS, StripeEmulator
from portal.kernel import time
from portal.kernel.errors import Conflict, DateTaken, Invalid, Unavailable
from portal.lifecycle.hold import Held, HoldRequest, hold_date
from portal.payments import attempts, checkouts, gateway
from portal.settings import Settings
from tests.support.couples import form, hold, in_half_a_year
from tests.support.days import claims_of
from tests.support.till import stripe_running
from tests.support.world import Business


@pytest.fixture
def stripe(connected: Settings) -> Iterator[StripeEmulator]:
    """A Stripe of the test's own."""
    with stripe_running() as emulator:
        yield emulator


def changed(request: HoldRequest, **changes: Any) -> HoldRequest:
    return replace(request, wish=replace(request.wish, **changes))


def send(shop: Business, request: HoldRequest) -> Held:
    """Post the form and go on to Stripe, as the page does."""
    held = hold_date(shop.id, request, at=time.now())
    if held.checkout_id is not None:
        checkouts.open_session(shop.id, held.checkout_id, at=time.now())
    return held


def statuses(shop: Business, booking_id: UUID) -> list[str]:
    """Those of all attempts, the first one first."""
    with database.reading(shop.id):
        return [str(each.status) for each in reversed(attempts.of_booking(shop.id, booking_id))]


def days_of(shop: Business) -> set[date]:
    return {day for _, day in claims_of(shop)}


def test_another_date_and_package_take_the_place_of_the_first(shop: Business, stripe: StripeEmulator) -> None:
    shop.package("weekend", cents=500_000, days=2, buffer_days=1)
    album = shop.add_on("Book", cents=10_000)
    request = form(shop)
    first = send(shop, request)
    later = in_half_a_year(shop, plus=1)
    second = send(
        shop,
        changed(request, package_slug="weekend", event_on=later, quantities={album: 1}, email="new@couple.example"),
    )
    assert (second.booking_id, second.reference) == (first.booking_id, first.reference)
    assert second.checkout_id != first.checkout_id
    assert days_of(shop) == {later + timedelta(days=n) for n in range(3)}
    with database.reading(shop.id):
        booking = queries.by_reference(shop.id, first.reference)
        lines = queries.lines(shop.id, booking.id)
        story = [entry.kind for entry in queries.timeline(shop.id, booking.id)]
        stages = database.rows("SELECT status, amount_cents FROM booking_payment_stage ORDER BY stage_number")
    assert (booking.package_slug, booking.event_on, booking.days, booking.email) == (
        "weekend",
        later,
        2,
        "new@couple.example",
    )
    assert booking.total_cents == sum(line.gross_cents for line in lines) == 510_000
    assert story == ["held", "hold_changed"]
    assert [tuple(row) for row in stages] == [
        ("VOID", 100_000),
        ("VOID", 100_000),
        ("PENDING", 255_000),
        ("PENDING", 255_000),
    ]
    assert statuses(shop, booking.id) == ["expired", "open"]


def test_the_first_session_cannot_be_paid_any_more(shop: Business, stripe: StripeEmulator) -> None:
    request = form(shop)
    first = send(shop, request)
    send(shop, changed(request, venue="Elsewhere"))
    with database.reading(shop.id):
        session_id = attempts.load(shop.id, first.checkout_id).stripe_checkout_session_id  # type: ignore[arg-type]
    assert gateway.current().fetch_session(str(session_id), account=None).status == "expired"


def test_an_attempt_that_stripe_never_heard_of_gives_way_too(shop: Business, stripe: StripeEmulator) -> None:
    request = form(shop)
    first = hold_date(shop.id, request, at=time.now())
    second = send(shop, changed(request, venue="Elsewhere"))
    assert first.booking_id == second.booking_id
    assert statuses(shop, first.booking_id) == ["expired", "open"]


def test_one_that_was_paid_meanwhile_stays_and_leads_to_the_booking(shop: Business, stripe: StripeEmulator) -> None:
    request = form(shop)
    first = send(shop, request)
    with database.reading(shop.id):
        session_id = attempts.load(shop.id, first.checkout_id).stripe_checkout_session_id  # type: ignore[arg-type]
    stripe.pay(str(session_id), CARD_PAYS)
    second = hold_date(shop.id, changed(request, event_on=in_half_a_year(shop, plus=1)), at=time.now())
    assert (second.booking_id, second.checkout_id) == (first.booking_id, None)
    assert days_of(shop) == {in_half_a_year(shop)}
    with database.reading(shop.id):
        owed = database.value("SELECT count(*) FROM outbox WHERE kind = 'checkout.settle'")
    assert owed == 1


def test_nothing_is_changed_while_stripe_cannot_be_asked(shop: Business, stripe: StripeEmulator) -> None:
    request = form(shop)
    first = send(shop, request)
    stripe.fail_next("POST", "/v1/checkout/*", status=500, times=10)
    with pytest.raises(Unavailable):
        hold_date(shop.id, changed(request, event_on=in_half_a_year(shop, plus=1)), at=time.now())
    assert days_of(shop) == {in_half_a_year(shop)}
    assert statuses(shop, first.booking_id) == ["open"]


def test_a_date_that_is_taken_costs_neither_the_hold_nor_its_session(shop: Business, stripe: StripeEmulator) -> None:
    other = in_half_a_year(shop, plus=1)
    hold(shop, event_on=other)
    request = form(shop)
    first = send(shop, request)
    with pytest.raises(DateTaken):
        hold_date(shop.id, changed(request, event_on=other), at=time.now())
    with pytest.raises(Invalid):
        hold_date(shop.id, changed(request, event_on=date(2020, 1, 1)), at=time.now())
    assert statuses(shop, first.booking_id) == ["open"]


def test_a_hold_that_ran_out_but_was_not_released_yet_is_taken_up_again(shop: Business, stripe: StripeEmulator) -> None:
    request = form(shop)
    first = send(shop, request)
    later = time.now() + timedelta(minutes=36)
    again = hold_date(shop.id, request, at=later)
    assert again.booking_id == first.booking_id
    assert again.checkout_id != first.checkout_id
    with database.reading(shop.id):
        ends = queries.by_reference(shop.id, first.reference).hold_expires_at
    assert ends is not None
    assert ends > later + timedelta(minutes=34)


def test_a_date_cannot_be_kept_for_ever_by_changing_what_is_wanted(shop: Business) -> None:
    nonce, at = uuid4(), time.now()
    with stripe_running():
        for minutes in range(0, 121, 30):
            hold_date(shop.id, form(shop, nonce=nonce, notes=str(minutes)), at=at + timedelta(minutes=minutes))
        with pytest.raises(Conflict, match="for a long time without a payment"):
            hold_date(shop.id, form(shop, nonce=nonce, notes="once more"), at=at + timedelta(minutes=121))
