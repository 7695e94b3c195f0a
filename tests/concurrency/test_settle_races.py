"""Whoever comes at the same instant, money is written down once and a date belongs to one: real threads."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus
from portal.kernel import time
from portal.kernel.errors import DateTaken, Stale
from portal.lifecycle.release import release
from portal.lifecycle.settle import Outcome, settle
from portal.payments import refunds as money_back
from portal.payments.states import RefundReason
from tests.support.couples import hold
from tests.support.days import claims_of
from tests.support.till import (
    Till,
    another_session,
    booking,
    checkout,
    end_hold,
    ledger,
    owed,
    refunds,
    rows,
    stages,
    till,
)
from tests.support.world import Business

__all__ = ["till"]
pytestmark = pytest.mark.slow
RACERS = 8


def race(*acts: Callable[[], object]) -> list[object]:
    """Start everything at one instant; each outcome, an error being one."""
    outcomes: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(at: int) -> None:
        start.wait()
        try:
            outcomes[at] = acts[at]()
        except Exception as error:  # noqa: BLE001  an outcome like any other
            outcomes[at] = error

    racers = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    return outcomes


def test_webhook_return_page_and_reconcile_in_the_same_millisecond(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    checkout_id = checkout(shop, held).id
    settled = race(*[lambda: settle(shop.id, checkout_id, at=time.now()).outcome] * RACERS)
    assert sorted(str(each) for each in settled) == ["confirmed", *["known"] * (RACERS - 1)]
    assert ledger(shop) == [("capture", 100_000)]
    assert owed(shop).count("booking.confirmed") == 1


def test_two_payments_for_one_stage_keep_one(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    first = checkout(shop, held)
    till.stripe.pay(first.stripe_checkout_session_id or "")
    till.stripe.pay(another_session(shop, held))
    second = checkout(shop, held)
    settled = race(*[lambda each=each: settle(shop.id, each.id, at=time.now()).outcome for each in (first, second)])
    assert set(settled) == {Outcome.CONFIRMED, Outcome.RETURNED}
    till.work(shop)
    assert refunds(shop) == [("duplicate", 100_000, "COMPLETED")]
    assert stages(shop)[0][2] == "COMPLETED"


@pytest.mark.parametrize("day", range(4))
def test_a_payment_against_the_end_of_its_hold(till: Till, shop: Business, day: int) -> None:
    held = till.hold(shop, event_on=shop.tenant.today(time.now()) + timedelta(days=100 + day))
    till.pay(shop, held)
    checkout_id, later = checkout(shop, held).id, time.now() + timedelta(minutes=36)
    race(
        lambda: settle(shop.id, checkout_id, at=time.now()),
        lambda: release(shop.id, held.booking_id, at=later),
        lambda: release(shop.id, held.booking_id, at=later),
    )
    assert booking(shop, held).status == "confirmed"
    assert [kind for kind, _ in claims_of(shop).values()] == ["event"]


def test_a_late_payment_against_somebody_who_takes_the_date(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    checkout_id = checkout(shop, held).id
    settled, other = race(
        lambda: settle(shop.id, checkout_id, at=time.now()).outcome, lambda: hold(shop, first_partner="Cleo")
    )
    (claim,) = claims_of(shop).values()
    if isinstance(other, DateTaken):
        assert (settled, claim) == (Outcome.CONFIRMED, ("event", held.booking_id))
    else:
        assert (settled, claim[0]) == (Outcome.RETURNED, "hold")
        assert claim[1] != held.booking_id


def test_one_refund_request_carried_out_by_many_workers(till: Till, shop: Business) -> None:
    till.pay(shop, till.hold(shop))
    till.deliver()
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    request_id = money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now())
    race(*[lambda: money_back.execute(shop.id, request_id, at=time.now())] * RACERS)
    money_back.execute(shop.id, request_id, at=time.now())
    assert refunds(shop) == [("owner", 100_000, "COMPLETED")]
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]
    assert len(till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'refund'")) == 1


def test_many_requests_for_the_same_money_keep_to_what_is_left(till: Till, shop: Business) -> None:
    till.pay(shop, till.hold(shop))
    till.deliver()
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    race(
        *[
            lambda: money_back.request(
                shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=30_000, at=time.now()
            )
        ]
        * RACERS
    )
    assert len(refunds(shop)) == 3


def test_a_payment_against_giving_the_booking_up(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    checkout_id = checkout(shop, held).id

    def give_up() -> object:
        return bookings.transition(
            shop.id,
            held.booking_id,
            frm=BookingStatus.HELD,
            to=BookingStatus.CANCELLED,
            at=time.now(),
            actor=Actor.OWNER,
            kind="cancelled",
        )

    settled, given_up = race(lambda: settle(shop.id, checkout_id, at=time.now()).outcome, give_up)
    if isinstance(given_up, Stale):
        assert (settled, booking(shop, held).status) == (Outcome.CONFIRMED, "confirmed")
    else:
        assert (settled, booking(shop, held).status) == (Outcome.RETURNED, "cancelled")
