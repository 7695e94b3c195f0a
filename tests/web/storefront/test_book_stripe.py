"""On the way from the form to Stripe: the date stays held while Stripe is down, and only its browser can go on."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.devtools.stripe_emulator import StripeEmulator
from portal.web.application import Application
from tests.support import couples
from tests.support.couples import in_half_a_year
from tests.support.world import Business
from tests.web.storefront.forms import Page, filled, open_form, send


def bookings(shop: Business) -> int:
    with database.reading(shop.id):
        return int(database.value("SELECT count(*) FROM booking"))


@pytest.mark.parametrize("fault", ["fail", "drop"])
def test_while_stripe_is_down_the_date_is_held_and_trying_again_reuses_the_hold(
    client: FlaskClient, shop: Business, stripe: StripeEmulator, fault: str
) -> None:
    if fault == "fail":
        stripe.fail_next("POST", "/v1/checkout/sessions", status=503)
    else:
        stripe.drop_answers("POST", "/v1/checkout/sessions")
    page = send(client, shop, filled(client, shop))
    assert page.status == 503
    assert page.answer.headers["Retry-After"]
    assert "We keep the date for you until" in page.text
    retry = page.soup.find("form")
    assert retry is not None
    token = retry.find("input", {"name": "csrf_token"})
    assert token is not None
    again = Page(client.post(str(retry["action"]), data={"csrf_token": token["value"]}))
    assert again.status == 303
    assert again.answer.location.startswith(stripe.base_url)
    assert bookings(shop) == 1
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM checkout") == 1


@pytest.mark.slow
def test_while_stripe_hangs_the_page_with_the_held_date_comes_all_the_same(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    stripe.hang_next("POST", "/v1/checkout/sessions", seconds=60)
    page = send(client, shop, filled(client, shop))
    assert page.status == 503
    assert "We keep the date for you until" in page.text
    again = send(client, shop, {**open_form(client, shop).fields(), "terms": "1"})
    assert again.status in {303, 503}  # Stripe may still be busy with the first request under this key
    assert bookings(shop) == 1


def test_nothing_changes_while_stripe_cannot_end_the_first_session(
    client: FlaskClient, shop: Business, stripe: StripeEmulator
) -> None:
    fields = filled(client, shop)
    send(client, shop, fields)
    stripe.fail_next("POST", "/v1/checkout/*", status=503, times=5)
    page = send(client, shop, {**fields, "date": in_half_a_year(shop, plus=1).isoformat()})
    assert page.status == 503
    assert "is still held for you until" in page.alert
    assert page.fields()["date"] == in_half_a_year(shop, plus=1).isoformat()
    stripe.clear_faults()


def test_only_the_browser_that_booked_can_resume_its_payment(
    app: Application, shop: Business, stripe: StripeEmulator
) -> None:
    held = couples.hold(shop)
    stranger = app.test_client()
    token = open_form(stranger, shop).fields()["csrf_token"]
    for reference in (held.reference, "ZZZZ-ZZZZ", "nonsense"):
        answer = stranger.post(shop.url(f"held/{reference}"), data={"csrf_token": token})
        assert (answer.status_code, answer.location) == (303, shop.url(f"booked/{reference}"))
    assert not stripe.requests
