"""Opening Stripe's page: the attempt first, then one call, then its result, whatever Stripe does meanwhile."""

from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest

from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.payments import attempts, checkouts
from portal.payments.checkouts import NotOpened, Opened, WhyNot
from tests.support.couples import hold, in_half_a_year
from tests.support.till import Till, another_session, booking, checkout, end_hold, rows
from tests.support.world import Business, open_business, open_shop

SESSIONS = "/v1/checkout/sessions"


def creations(till: Till) -> list[str]:
    """The idempotency keys that asked for a session, in order."""
    return [each.idempotency_key for each in till.stripe.requests if (each.method, each.path) == ("POST", SESSIONS)]


def test_what_was_stored_is_what_was_sent(till: Till) -> None:
    till.stripe.add_account("acct_sent")
    shop = open_shop(stripe_account_id="acct_sent", commission_percent=Decimal(10), locale="en_GB", currency="GBP")
    held = till.hold(shop)
    (sent,) = [each for each in till.stripe.requests if each.path == SESSIONS]
    stored = checkout(shop, held)
    reference = booking(shop, held).reference
    assert sent.account == stored.stripe_account_id == "acct_sent"
    assert sent.idempotency_key == stored.idempotency_key
    assert int(sent.params["expires_at"]) == stored.parameters["expires_at"] == int(stored.expires_at.timestamp())
    assert booking(shop, held).hold_expires_at == stored.expires_at
    assert stored.parameters["mode"] == "payment"
    assert stored.parameters["locale"] == "en-GB"
    assert stored.parameters["customer_email"] == "anna@couple.example"
    assert stored.parameters["client_reference_id"] == reference
    ids = {"tenant": str(shop.id), "booking": reference, "checkout": str(stored.id)}
    assert stored.parameters["metadata"] == ids
    assert stored.parameters["payment_intent_data"] == {"metadata": ids, "application_fee_amount": 10_000}
    assert stored.parameters["success_url"].endswith("?session={CHECKOUT_SESSION_ID}")
    (line,) = stored.parameters["line_items"]
    assert (line["price_data"]["unit_amount"], line["price_data"]["currency"]) == (100_000, "gbp")
    assert line["price_data"]["product_data"]["name"] == "Whole day"
    assert str(in_half_a_year(shop).year) in line["price_data"]["product_data"]["description"]


def test_coming_back_reuses_the_open_session(till: Till, shop: Business) -> None:
    held = hold(shop)
    first, second = till.open(shop, held), till.open(shop, held)
    assert isinstance(first, Opened)
    assert first == second
    assert len(creations(till)) == 1


def test_an_answer_that_is_lost_is_found_with_the_same_key(till: Till, shop: Business) -> None:
    till.stripe.drop_answers("POST", SESSIONS)
    held = hold(shop)
    lost = till.open(shop, held)
    assert isinstance(lost, NotOpened)
    assert (lost.reason, lost.held_until) == (WhyNot.UNKNOWN, booking(shop, held).hold_expires_at)
    assert checkout(shop, held).status == "creating"
    found = till.open(shop, held)
    assert isinstance(found, Opened)
    first, second = creations(till)
    assert first == second


def test_an_error_of_stripes_own_is_not_repeated_for_ever(till: Till, shop: Business) -> None:
    till.stripe.fail_next("POST", SESSIONS, status=500)
    held = hold(shop)
    failed = till.open(shop, held)
    assert isinstance(failed, NotOpened)
    assert failed.reason is WhyNot.UNKNOWN
    # Stripe repeats its 500 for this key for a day, so the second try learns that and takes another key.
    opened = till.open(shop, held)
    assert isinstance(opened, Opened)
    keys = creations(till)
    assert (keys[0] == keys[1], keys[1] == keys[2]) == (True, False)
    assert rows(shop, "SELECT attempt, status FROM checkout ORDER BY attempt") == [(1, "failed"), (2, "open")]


@pytest.mark.parametrize("status", [429, 409])
def test_a_busy_stripe_is_asked_again_with_the_same_key(till: Till, shop: Business, status: int) -> None:
    till.stripe.fail_next("POST", SESSIONS, status=status)
    held = hold(shop)
    busy = till.open(shop, held)
    assert isinstance(busy, NotOpened)
    assert busy.reason is WhyNot.BUSY
    assert isinstance(till.open(shop, held), Opened)
    assert len(set(creations(till))) == 1


@pytest.mark.slow
def test_a_stripe_that_hangs_is_left_within_ten_seconds(till: Till, shop: Business) -> None:
    till.stripe.hang_next("POST", SESSIONS, seconds=30)
    held = hold(shop)
    started = monotonic()
    hung = till.open(shop, held)
    assert monotonic() - started < 10
    assert isinstance(hung, NotOpened)
    assert booking(shop, held).status == "held"


def test_asked_too_late_it_takes_another_key_and_a_longer_hold(till: Till, shop: Business) -> None:
    held = hold(shop)
    before = booking(shop, held).hold_expires_at
    till.stripe.shift_clock(6 * 60)
    opened = checkouts.open_session(shop.id, held.checkout_id, at=time.now() + timedelta(minutes=6))  # type: ignore[arg-type]
    assert isinstance(opened, Opened)
    assert opened.held_until > before + timedelta(minutes=5)
    assert booking(shop, held).hold_expires_at == opened.held_until
    assert rows(shop, "SELECT attempt, status, last_error FROM checkout ORDER BY attempt") == [
        (1, "failed", "too_near"),
        (2, "open", ""),
    ]
    first, second = rows(shop, "SELECT parameters FROM checkout ORDER BY attempt")
    assert first[0].keys() == second[0].keys()
    assert first[0]["line_items"] == second[0]["line_items"]


def test_a_hold_that_has_ended_gets_no_page(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    end_hold(shop, held)
    ended = till.open(shop, held)
    assert isinstance(ended, NotOpened)
    assert (ended.reason, ended.held_until) == (WhyNot.ENDED, None)


def test_a_hold_whose_time_is_up_is_not_made_longer(till: Till, shop: Business) -> None:
    held = hold(shop)
    later = time.now() + timedelta(minutes=36)
    ended = till.open(shop, held, at=later)
    assert isinstance(ended, NotOpened)
    assert ended.reason is WhyNot.ENDED
    assert creations(till) == []
    assert booking(shop, held).hold_expires_at < later


def test_a_paid_attempt_says_so(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    paid = till.open(shop, held)
    assert isinstance(paid, NotOpened)
    assert paid.reason is WhyNot.PAID


def test_an_address_that_stripe_refuses_is_asked_for_on_its_page(till: Till, shop: Business) -> None:
    held = hold(shop)
    with database.writing(shop.id):
        database.execute("UPDATE checkout SET parameters = jsonb_set(parameters, '{customer_email}', '\"not one\"')")
    opened = till.open(shop, held)
    assert isinstance(opened, Opened)
    assert "customer_email" not in checkout(shop, held).parameters


def test_expiring_ends_every_session(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    first = checkout(shop, held)
    another_session(shop, held)
    assert checkouts.expire_sessions(shop.id, held.booking_id, at=time.now()) == []
    with database.reading(shop.id):
        assert [each.status for each in attempts.of_booking(shop.id, held.booking_id)] == ["expired", "expired"]
    assert checkouts.expire(shop.id, first.id, at=time.now()) is True


def test_expiring_a_paid_session_says_that_money_came(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    assert checkouts.expire_sessions(shop.id, held.booking_id, at=time.now()) == [checkout(shop, held).id]
    assert checkout(shop, held).status == "open"


def test_the_fees_of_all_stages_are_the_commission(till: Till) -> None:
    till.stripe.add_account("acct_thirds")
    shop = open_business(stripe_account_id="acct_thirds", commission_percent=Decimal("3.33"), deposit_percent=33)
    shop.package("odd", cents=99_999)
    held = hold(shop)
    fees = []
    for number in (1, 2):
        ((stage,),) = rows(shop, "SELECT id FROM booking_payment_stage WHERE stage_number = %s", number)
        checkouts.prepare(
            shop.id, held.booking_id, stages=[stage], at=time.now(), success_url="http://x/", cancel_url="http://x/"
        )
        fees.append(checkout(shop, held).application_fee_cents)
    assert sum(fees) == booking(shop, held).commission_cents == 3_330


def test_a_business_that_cannot_be_paid_is_told_of_in_the_log(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    revoked = open_shop(stripe_account_id=f"acct_{uuid7().hex}")
    assert isinstance(till.open(revoked, hold(revoked)), NotOpened)
    assert "Stripe opens no page for checkout" in caplog.text


def test_one_that_was_asked_for_too_late_is_no_news(
    till: Till, shop: Business, caplog: pytest.LogCaptureFixture
) -> None:
    held = hold(shop)
    till.stripe.shift_clock(6 * 60)
    assert isinstance(till.open(shop, held, at=time.now() + timedelta(minutes=6)), Opened)
    assert "Stripe opens no page" not in caplog.text
