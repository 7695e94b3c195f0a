"""What never reached us is found: no webhook at all, a forgotten session, a refund's result, an outage of days."""

from datetime import datetime, timedelta

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.stripe_emulator import CARD_DELAYED
from portal.kernel import time
from portal.lifecycle.reconcile import reconcile
from portal.payments import missed
from portal.payments import refunds as money_back
from portal.payments.states import RefundReason
from tests.support.couples import hold
from tests.support.till import Till, another_session, booking, checkout, end_hold, intent_of, ledger, refunds, rows
from tests.support.world import open_shop


def soon(minutes: int = 1) -> datetime:
    return time.now() + timedelta(minutes=minutes)


def test_without_any_webhook_a_payment_confirms(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = till.hold(shop)
    till.pay(shop, held)
    assert reconcile(soon()).troubles == 0
    assert booking(shop, held).status == "confirmed"


def test_a_delayed_payment_that_nobody_told_us_about_ends(own_database: str, till: Till) -> None:
    shop = open_shop()
    till.stripe.set_delayed_after(None)
    held = till.hold(shop)
    session = till.pay(shop, held, CARD_DELAYED)
    reconcile(soon())
    assert checkout(shop, held).status == "processing"
    till.stripe.settle_delayed(session["id"], is_success=True)
    reconcile(soon(2))
    assert booking(shop, held).status == "confirmed"


def test_a_session_that_nobody_wants_is_ended(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = till.hold(shop)
    another_session(shop, held)
    reconcile(soon())
    reconcile(soon(2))
    statuses = rows(shop, "SELECT status FROM checkout ORDER BY attempt")
    assert statuses == [("expired",), ("open",)]


def test_an_attempt_that_was_never_made_is_made_once(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = hold(shop)
    reconcile(soon())
    assert checkout(shop, held).status == "open"


def test_refunds_made_by_hand_are_found_among_the_events(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = till.hold(shop)
    till.pay(shop, held)
    reconcile(soon())
    till.stripe.refund_by_hand(intent_of(till), 20_000)
    assert reconcile(soon()).missed_events > 0
    till.work()
    assert refunds(shop) == [("external", 20_000, "COMPLETED")]
    assert reconcile(soon()).missed_events == 0


def test_a_refund_without_a_result_is_asked_about(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    till.stripe.set_refund_status("pending")
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now())
    till.work(shop)
    ((refund_id,),) = rows(shop, "SELECT stripe_refund_id FROM refund_request")
    till.stripe.settle_refund(refund_id, is_success=True)
    assert reconcile(soon()).refunds == 1
    assert refunds(shop) == [("owner", 100_000, "COMPLETED")]


def test_a_payment_for_an_attempt_that_we_gave_up_is_found_among_the_events(own_database: str, till: Till) -> None:
    shop = open_shop()
    held = till.hold(shop)
    till.pay(shop, held)
    end_hold(shop, held)
    with database.writing(shop.id):
        database.execute("UPDATE checkout SET status = 'failed', stripe_checkout_session_id = NULL")
    reconcile(soon())
    till.work()
    assert booking(shop, held).status == "confirmed"
    assert ledger(shop) == [("capture", 100_000)]


def test_after_an_outage_of_days_the_next_looks_catch_up(own_database: str, till: Till) -> None:
    till.stripe.add_account("acct_away")
    shop = open_shop(stripe_account_id="acct_away")
    held = till.hold(shop)
    till.pay(shop, held)
    later = time.now() + timedelta(days=3)
    with database.writing(), platform_scope(reason="test"):
        missed._set_mark("acct_away", time.now() - timedelta(hours=1), later)
    found = [missed.bring_in("acct_away", at=later) for _ in range(4)]
    assert (found[0] > 0, found[1:]) == (True, [0, 0, 0])
    with database.reading(), platform_scope(reason="test"):
        mark = database.value("SELECT value FROM platform_counter WHERE name = 'stripe.events_seen.acct_away'")
    assert mark == int(later.timestamp())


def test_one_account_in_trouble_does_not_keep_the_others(own_database: str, till: Till) -> None:
    open_shop(stripe_account_id="acct_revoked")
    shop = open_shop()
    held = till.hold(shop)
    till.pay(shop, held)
    report = reconcile(soon())
    assert report.troubles == 1
    assert booking(shop, held).status == "confirmed"


def test_many_events_are_looked_through_in_handfuls(
    own_database: str, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "_EVENTS_AT_ONCE", 2)
    shop = open_shop()
    for number in range(4):
        held = till.hold(shop, event_on=shop.tenant.today(time.now()) + timedelta(days=100 + number))
        till.pay(shop, held)
        till.stripe.shift_clock(2)
    assert missed.bring_in(None, at=soon()) == 4
