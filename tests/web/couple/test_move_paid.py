"""A move that costs something: to Stripe and back, kept while it is paid, given up, too late, and Stripe away."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.kernel import time
from portal.lifecycle import move_lapse
from portal.lifecycle.hold import Held
from tests.support import leaving, shifting
from tests.support.sold import Sold
from tests.support.till import Till, refunds, rows, till
from tests.support.world import Business
from tests.web.couple.conftest import link_to
from tests.web.couple.test_move_pages import send, shown

__all__ = ["till"]
SESSION = re.compile(r"cs_test_\w+")


@pytest.fixture
def held(till: Till, shop: Business) -> Held:
    """A booking whose moves cost 50.00."""
    sold = leaving.sold(till, shop)
    shifting.terms(shop, sold, free_moves="0", fees_cents="[5000]")
    return sold


@pytest.fixture
def home(client: FlaskClient, shop: Business, held: Held) -> str:
    client.get(link_to(shop, Sold(held.booking_id, held.reference, held.booking_id)))
    return f"/manage/{held.reference}"


@pytest.fixture
def new(shop: Business) -> date:
    return shifting.later(shop)


def confirm(client: FlaskClient, home: str, new: date) -> TestResponse:
    address = shown(client, home, new)
    page = client.get(address).text
    for words in ("Pay $50.00 and move the date", "Fee", "$2,050.00", "Due now"):
        assert words in page
    return send(client, page, address)


def session_in(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    found = SESSION.search(str(answer.location))
    assert found, answer.location
    return found[0]


def test_paid_in_time_the_date_moves(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    old = shifting.day(shop, held)
    session = session_in(confirm(client, home, new))
    assert shifting.claimed(shop) == {old, new}
    for address in (home, f"{home}/reschedule"):
        page = client.get(address).text
        assert "We keep" in page
        assert "Pay $50.00" in page
    assert session_in(send(client, page, f"{home}/reschedule/pay")) == session
    assert f'href="{home}/pay"' not in client.get(home).text
    assert "$50.00" not in client.get(f"{home}/pay").text
    till.stripe.pay(session)
    waiting = client.get(f"{home}/paid?session={session}").text
    assert "One moment, please" in waiting
    till.deliver()
    page = client.get(f"{home}/paid?session={session}").text
    assert "We received $50.00" in page
    assert "Your date is now" in page
    assert (shifting.day(shop, held), shifting.claimed(shop)) == (new, {new})
    page = client.get(home).text
    assert "fee $50.00" in page
    assert "We keep" not in page
    assert "Fee for moving the date" in page


def test_given_up_everything_is_as_it_was(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    old = shifting.day(shop, held)
    session_in(confirm(client, home, new))
    page = client.get(home).text
    answer = send(client, page, f"{home}/reschedule/keep")
    assert (answer.status_code, answer.location) == (303, home)
    assert "Your date stays as it was" in client.get(home).text
    assert (shifting.day(shop, held), shifting.claimed(shop)) == (old, {old})
    assert rows(shop, "SELECT status FROM checkout WHERE purpose = 'move'") == [("expired",)]
    for path in ("keep", "pay"):
        again = send(client, page, f"{home}/reschedule/{path}")
        assert (again.status_code, "waits for its payment any more" in again.text) == (409, True)


def test_a_payment_that_was_faster_than_giving_up_moves_the_date(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    session = session_in(confirm(client, home, new))
    page = client.get(home).text
    till.stripe.pay(session)
    answer = send(client, page, f"{home}/reschedule/keep")
    till.deliver()
    assert answer.status_code in {303, 409}
    assert shifting.day(shop, held) == new
    assert refunds(shop) == []


def test_not_paid_in_time_the_page_says_so_and_nothing_changed(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    old = shifting.day(shop, held)
    session_in(confirm(client, home, new))
    page = client.get(home).text
    late = time.now() + timedelta(hours=1)
    with database.writing(shop.id):
        database.execute("UPDATE change_quote SET expires_at = %s WHERE status = 'confirmed'", time.now())
    assert move_lapse.lapse(shop.id, held.booking_id, at=late)
    answer = send(client, page, f"{home}/reschedule/pay")
    assert (answer.status_code, "waits for its payment any more" in answer.text) == (409, True)
    assert "stays as it was" in client.get(home).text
    assert (shifting.day(shop, held), shifting.claimed(shop)) == (old, {old})


def test_stripe_away_keeps_the_day_and_offers_to_try_again(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=9)
    answer = confirm(client, home, new)
    assert (answer.status_code, "did not answer" in answer.text) == (503, True)
    assert answer.headers["Retry-After"]
    assert new in shifting.claimed(shop)
    till.stripe.clear_faults()
    session = session_in(send(client, answer.text, f"{home}/reschedule/pay"))
    till.stripe.pay(session)
    till.deliver()
    assert shifting.day(shop, held) == new


def test_the_same_figures_confirmed_twice_lead_to_one_payment(
    client: FlaskClient, till: Till, home: str, shop: Business, held: Held, new: date
) -> None:
    address = shown(client, home, new)
    page = client.get(address).text
    first, second = (session_in(send(client, page, address)) for _ in range(2))
    assert first == second
    other = shifting.later(shop, 9)
    answer = send(client, page, f"{home}/reschedule", event_on=str(other))
    assert (answer.status_code, "give" in answer.text) == (409, True)
    assert rows(shop, "SELECT count(*) FROM checkout WHERE purpose = 'move'") == [(1,)]
