"""Money that takes its time: an unpaid voucher keeps its date, and what waits hides nothing from reconcile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.lifecycle import reconcile
from portal.lifecycle.hold import Held
from portal.lifecycle.settle import Outcome, settle_session
from portal.payments import gateway
from portal.payments.gateway import NotThere, Session
from tests.support.days import claims_of
from tests.support.till import Till, booking, checkout, owed
from tests.support.world import Business, open_shop


def slow_session(till: Till, shop: Business, held: Held, status: str) -> Session:
    """A session that is complete, its intent in a state of its own."""
    till.stripe.set_delayed_after(None)
    paid = till.pay(shop, held, CARD_DELAYED)
    session = gateway.current().fetch_session(paid["id"], account=None)
    assert session.intent
    return replace(session, intent=replace(session.intent, status=status))


def test_a_voucher_that_is_yet_to_be_paid_keeps_the_date(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    session = slow_session(till, shop, held, "requires_action")
    assert held.checkout_id
    settled = settle_session(shop.id, held.checkout_id, session, at=time.now())
    assert settled.outcome is Outcome.PROCESSING
    assert (booking(shop, held).status, checkout(shop, held).status) == ("held", "processing")
    assert claims_of(shop)
    assert "booking.payment_failed" not in owed(shop)


@pytest.mark.parametrize("status", ["requires_payment_method", "canceled"])
def test_a_payment_that_came_to_nothing_frees_it(till: Till, shop: Business, status: str) -> None:
    held = till.hold(shop)
    session = slow_session(till, shop, held, status)
    assert held.checkout_id
    assert settle_session(shop.id, held.checkout_id, session, at=time.now()).outcome is Outcome.FAILED
    assert not claims_of(shop)


def test_a_payment_that_waits_for_days_does_not_hide_the_next_one(
    own_database: str, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_AT_ONCE", 1)
    till.stripe.set_delayed_after(None)
    slow, quick = open_shop(), open_shop()
    waiting = till.hold(slow)
    till.pay(slow, waiting, CARD_DELAYED)
    reconcile.reconcile(time.now() + timedelta(seconds=1))
    with time.frozen(time.now() + timedelta(seconds=2)):
        held = till.hold(quick)
    till.pay(quick, held)
    for minutes in (5, 10):
        reconcile.reconcile(time.now() + timedelta(minutes=minutes))
    assert (booking(slow, waiting).status, booking(quick, held).status) == ("held", "confirmed")


def test_an_attempt_that_stripe_cannot_find_does_not_hide_the_next_one(
    own_database: str, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_AT_ONCE", 1)
    lost, quick = open_shop(), open_shop()
    gone = checkout(lost, till.hold(lost)).stripe_checkout_session_id
    held = till.hold(quick)
    till.pay(quick, held)
    real = gateway.current().fetch_session

    def fetch(session_id: str, *, account: str | None) -> Session:
        if session_id == gone:
            raise NotThere("resource_missing")
        return real(session_id, account=account)

    monkeypatch.setattr(gateway.current(), "fetch_session", fetch)
    for minutes in (5, 10):
        reconcile.reconcile(time.now() + timedelta(minutes=minutes))
    assert booking(quick, held).status == "confirmed"
