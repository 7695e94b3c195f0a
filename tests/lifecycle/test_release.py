"""A hold that ran out frees its date, but never while money may still come for it unseen."""

from datetime import timedelta

import pytest

from portal.kernel import time
from portal.lifecycle.release import release, release_due
from portal.payments.gateway import UnknownOutcome
from tests.support.couples import hold
from tests.support.days import claims_of
from tests.support.till import Till, booking, checkout, rows
from tests.support.world import Business, open_shop

SESSIONS = "/v1/checkout/sessions"
AFTER = timedelta(minutes=35, seconds=1)


def test_the_session_is_ended_first_and_the_date_freed_second(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is True
    assert (booking(shop, held).status, checkout(shop, held).status) == ("expired", "expired")
    assert claims_of(shop) == {}
    assert till.events()[-1]["type"] == "checkout.session.expired"
    story = rows(shop, "SELECT kind, to_status FROM booking_event ORDER BY sequence")
    assert story == [("held", "held"), ("hold_ended", "expired")]
    till.deliver(times=2)
    assert booking(shop, held).status == "expired"


def test_a_hold_that_still_runs_stays(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    assert release(shop.id, held.booking_id, at=time.now() + timedelta(minutes=34)) is False
    assert (booking(shop, held).status, checkout(shop, held).status) == ("held", "open")


def test_a_session_that_turns_out_paid_confirms(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is False
    assert booking(shop, held).status == "confirmed"


def test_a_session_that_ended_at_stripe_by_itself_is_taken_over(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.stripe.shift_clock(36 * 60)
    till.stripe.expire_session(checkout(shop, held).stripe_checkout_session_id or "")
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is True
    assert checkout(shop, held).status == "expired"


def test_an_attempt_of_unknown_outcome_is_found_out_first(till: Till, shop: Business) -> None:
    till.stripe.drop_answers("POST", SESSIONS)
    held = hold(shop)
    till.open(shop, held)
    till.stripe.drop_answers("POST", SESSIONS)
    with pytest.raises(UnknownOutcome):
        release(shop.id, held.booking_id, at=time.now() + AFTER)
    assert booking(shop, held).status == "held"
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is True
    assert till.events()[-1]["type"] == "checkout.session.expired"


def test_an_attempt_that_never_reached_stripe_makes_no_session(till: Till, shop: Business) -> None:
    held = hold(shop)
    till.stripe.shift_clock(36 * 60)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is True
    assert checkout(shop, held).last_error == "too_near"
    assert till.events() == []


def test_while_stripe_is_away_the_date_stays_held(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.stripe.drop_answers("POST", SESSIONS + "/*")
    with pytest.raises(UnknownOutcome):
        release(shop.id, held.booking_id, at=time.now() + AFTER)
    assert booking(shop, held).status == "held"
    assert claims_of(shop) != {}


def test_an_account_that_withdrew_its_trust_does_not_keep_dates_for_ever(till: Till) -> None:
    shop = open_shop(stripe_account_id="acct_gone")
    held = hold(shop)
    till.open(shop, held)
    assert release(shop.id, held.booking_id, at=time.now() + AFTER) is True
    assert checkout(shop, held).status == "failed"


def test_the_sweep_releases_what_is_due_of_every_tenant(own_database: str, till: Till) -> None:
    shops = [open_shop(), open_shop()]
    holds = [(shop, till.hold(shop)) for shop in shops]
    broken = open_shop()
    kept = till.hold(broken)
    till.stripe.hold_webhooks()
    till.stripe.fail_next("POST", f"{SESSIONS}/{checkout(broken, kept).stripe_checkout_session_id}/*", status=500)
    assert release_due(time.now() + AFTER) == 2
    assert [booking(shop, held).status for shop, held in holds] == ["expired", "expired"]
    assert booking(broken, kept).status == "held"
    assert release_due(time.now() + AFTER) == 1
    assert release_due(time.now() + AFTER) == 0
