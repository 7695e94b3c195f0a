"""A payment leads to what was sold, through signed events and the real Stripe calls, and only once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal import settings as settings_module
from portal.bookings.states import BookingStatus
from portal.devtools.stripe_emulator import CARD_DECLINED, CARD_DELAYED
from portal.kernel import time
from portal.lifecycle.release import release
from portal.lifecycle.settle import Outcome, settle
from portal.payments import service as money
from portal.settings import Features, Settings
from tests.support.couples import hold, in_half_a_year
from tests.support.days import claims_of
from tests.support.till import (
    Till,
    another_session,
    booking,
    checkout,
    end_hold,
    intent_of,
    ledger,
    owed,
    refunds,
    rows,
    stages,
)
from tests.support.world import Business, open_business, open_shop


def test_a_paid_deposit_confirms_the_booking(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    confirmed = booking(shop, held)
    assert (confirmed.status, confirmed.needs_review) == ("confirmed", False)
    assert stages(shop) == [("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "PENDING")]
    assert ledger(shop) == [("capture", 100_000)]
    assert rows(shop, "SELECT amount_cents, currency, card_brand, card_last4 FROM payment") == [
        (100_000, "USD", "visa", "4242")
    ]
    assert rows(shop, "SELECT amount_cents FROM payment_allocation") == [(100_000,)]
    assert claims_of(shop) == {(shop.resource_id, in_half_a_year(shop)): ("event", held.booking_id)}
    assert checkout(shop, held).status == "paid"
    assert owed(shop).count("booking.confirmed") == 1
    story = rows(shop, "SELECT kind, from_status, to_status FROM booking_event ORDER BY sequence")
    assert story == [("held", None, "held"), ("payment", None, None), ("confirmed", "held", "confirmed")]


def test_buffer_days_become_buffers(till: Till) -> None:
    barn = open_business()
    barn.package("weekend", days=2, buffer_days=1)
    held = till.hold(barn)
    till.pay(barn, held)
    till.deliver()
    assert [kind for kind, _ in claims_of(barn).values()] == ["event", "event", "buffer"]


def test_a_declined_card_changes_nothing(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held, CARD_DECLINED)
    till.deliver()
    assert booking(shop, held).status == "held"
    assert stages(shop)[0][2] == "PENDING"
    till.pay(shop, held)
    till.deliver()
    assert booking(shop, held).status == "confirmed"


def test_the_commission_of_a_connected_account_is_taken_as_a_fee(till: Till) -> None:
    till.stripe.add_account("acct_fee")
    shop = open_shop(stripe_account_id="acct_fee", commission_percent=Decimal("2.5"))
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    assert booking(shop, held).status == "confirmed"
    assert ledger(shop) == [("capture", 100_000), ("fee", 2_500)]
    assert rows(shop, "SELECT stripe_account_id FROM payment") == [("acct_fee",)]


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_events_in_any_number_and_order_end_in_the_same_tables(
    till: Till, shop: Business, times: int, seed: int | None
) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.stripe.refund_by_hand(intent_of(till), 30_000)
    till.deliver(times=times, seed=seed)
    assert booking(shop, held).status == "confirmed"
    assert booking(shop, held).review_reason == "external_refund"
    assert ledger(shop) == [("capture", 100_000), ("refund", -30_000)]
    assert refunds(shop) == [("external", 30_000, "COMPLETED")]
    assert stages(shop) == [("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "PENDING")]
    assert owed(shop).count("booking.confirmed") == 1


def test_a_late_payment_confirms_while_the_days_are_free(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    till.deliver()
    assert booking(shop, held).status == "confirmed"
    assert claims_of(shop) == {(shop.resource_id, in_half_a_year(shop)): ("event", held.booking_id)}


def test_a_late_payment_for_a_date_that_is_taken_goes_back_by_itself(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    hold(shop, first_partner="Cleo")
    till.deliver()
    till.work(shop)
    assert booking(shop, held).status == "expired"
    assert refunds(shop) == [("date_taken", 100_000, "COMPLETED")]
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]
    assert rows(shop, "SELECT id FROM payment_allocation") == []
    assert owed(shop).count("booking.payment_returned") == 1
    till.deliver(times=2)
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]


def test_with_refunds_switched_off_a_person_decides(till: Till, shop: Business, connected: Settings) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    hold(shop, first_partner="Cleo")
    settings_module.install(replace(connected, features=Features(refunds=False)))
    try:
        till.deliver()
    finally:
        settings_module.install(connected)
    assert refunds(shop) == []
    assert "booking.payment_returned" not in owed(shop)
    assert booking(shop, held).review_reason == "refund_owed: date_taken"


@pytest.mark.parametrize(
    ("changes", "what"), [({"amount": 99_900}, "amount"), ({"currency": "eur"}, "currency"), ({"amount": 1}, "amount")]
)
def test_money_that_differs_from_what_was_sold_never_confirms(
    till: Till, shop: Business, changes: Any, what: str
) -> None:
    held = till.hold(shop)
    till.pay(shop, held, **changes)
    till.deliver(times=2)
    seen = booking(shop, held)
    assert (seen.status, seen.needs_review) == ("held", True)
    assert seen.review_reason == f"payment_mismatch: {what}"
    assert len(ledger(shop)) == 1
    assert stages(shop)[0][2] == "PENDING"
    assert "booking.confirmed" not in owed(shop)


def test_a_second_payment_for_a_paid_stage_goes_back_and_the_booking_stays(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    first = checkout(shop, held)
    again = another_session(shop, held)
    till.stripe.pay(first.stripe_checkout_session_id or "")
    till.stripe.pay(again)
    till.deliver()
    till.work(shop)
    assert booking(shop, held).status == "confirmed"
    assert refunds(shop) == [("duplicate", 100_000, "COMPLETED")]
    assert ledger(shop) == [("capture", 100_000), ("capture", 100_000), ("refund", -100_000)]
    assert stages(shop)[0] == ("DEPOSIT", 100_000, "COMPLETED")
    assert owed(shop).count("booking.confirmed") == 1


def test_money_for_a_cancelled_booking_goes_back(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    end_hold(shop, held, to=BookingStatus.CANCELLED)
    money.void_stages(shop.id, held.booking_id)
    till.pay(shop, held)
    till.deliver()
    till.work(shop)
    assert booking(shop, held).status == "cancelled"
    assert refunds(shop) == [("not_owed", 100_000, "COMPLETED")]


def test_a_delayed_method_keeps_the_date_and_then_confirms(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.stripe.set_delayed_after(None)
    session = till.pay(shop, held, CARD_DELAYED)
    till.deliver()
    assert checkout(shop, held).status == "processing"
    assert release(shop.id, held.booking_id, at=time.now() + timedelta(days=3)) is False
    assert booking(shop, held).status == "held"
    till.stripe.settle_delayed(session["id"], is_success=True)
    till.deliver(times=2)
    assert booking(shop, held).status == "confirmed"
    assert stages(shop)[0][2] == "COMPLETED"
    assert rows(shop, "SELECT card_last4 FROM payment") in ([("",)], [("5555",)])


def test_a_delayed_method_that_fails_frees_the_date_with_a_mail(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.stripe.set_delayed_after(None)
    session = till.pay(shop, held, CARD_DELAYED)
    till.stripe.settle_delayed(session["id"], is_success=False)
    till.deliver(times=2, seed=4)
    assert booking(shop, held).status == "expired"
    assert checkout(shop, held).status == "failed"
    assert stages(shop)[0][2] == "FAILED"
    assert claims_of(shop) == {}
    assert owed(shop).count("booking.payment_failed") == 1
    assert ledger(shop) == []


def test_settling_again_changes_nothing(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    assert held.checkout_id
    assert settle(shop.id, held.checkout_id, at=time.now()).outcome is Outcome.CONFIRMED
    before = ledger(shop), owed(shop)
    assert settle(shop.id, held.checkout_id, at=time.now()).outcome is Outcome.KNOWN
    assert (ledger(shop), owed(shop)) == before
