"""What was paid is read from ledger and stages."""

from datetime import timedelta
from uuid import UUID

from portal.db import database
from portal.kernel import time
from portal.payments import refunds as money_back
from portal.payments.standings import Standing, standings
from portal.payments.states import RefundReason
from tests.support.couples import hold
from tests.support.till import Till, another_session, checkout, end_hold, rows
from tests.support.world import Business


def standing(shop: Business, booking_id: UUID, *, ahead: int = 0) -> Standing | None:
    """How a booking stands, today or some days ahead."""
    today = shop.tenant.today(time.now()) + timedelta(days=ahead)
    with database.reading(shop.id):
        return standings(shop.id, [booking_id], today=today).get(booking_id)


def test_unpaid_deposit_paid_overdue_and_refunded(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    assert standing(shop, held.booking_id) is Standing.UNPAID
    till.pay(shop, held)
    till.deliver()
    assert standing(shop, held.booking_id) is Standing.DEPOSIT_PAID
    assert standing(shop, held.booking_id, ahead=160) is Standing.OVERDUE
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=1, at=time.now())
    till.work(shop)
    assert standing(shop, held.booking_id) is Standing.PARTLY_REFUNDED
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now())
    till.work(shop)
    assert standing(shop, held.booking_id) is Standing.REFUNDED


def test_paid_in_full_is_paid(till: Till, shop: Business) -> None:
    held = till.hold(shop, pays_in_full=True)
    till.pay(shop, held)
    till.deliver()
    assert standing(shop, held.booking_id) is Standing.PAID


def test_a_second_payment_that_went_back_does_not_count(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    first = checkout(shop, held).stripe_checkout_session_id or ""
    second = another_session(shop, held)
    till.stripe.pay(first)
    till.stripe.pay(second)
    till.deliver()
    till.work(shop)
    assert standing(shop, held.booking_id) is Standing.DEPOSIT_PAID


def test_money_that_came_too_late_and_went_back_is_refunded(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    hold(shop, first_partner="Cleo")
    assert standing(shop, held.booking_id) is None
    till.deliver()
    till.work(shop)
    assert standing(shop, held.booking_id) is Standing.REFUNDED
