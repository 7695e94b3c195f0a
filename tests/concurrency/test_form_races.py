"""Many browsers post the booking form at once: one goes on to Stripe, the others get a clear 409, nobody a 500."""

from functools import partial

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.web.application import Application
from tests.support.couples import in_half_a_year
from tests.support.crowds import all_at_once
from tests.support.days import claims_of
from tests.support.till import stripe_running
from tests.support.world import Business
from tests.web.storefront.forms import filled, send

BROWSERS = 40
pytestmark = pytest.mark.slow


def crowd(app: Application, shop: Business) -> list[tuple[FlaskClient, dict[str, str]]]:
    """Browsers with their forms filled in."""
    clients = [app.test_client() for _ in range(BROWSERS)]
    return [(client, filled(client, shop)) for client in clients]


def status(shop: Business, client: FlaskClient, fields: dict[str, str]) -> str:
    """How sending the form is answered."""
    return str(send(client, shop, fields).status)


def place(shop: Business, client: FlaskClient, fields: dict[str, str]) -> str:
    """Where sending the form leads."""
    return str(send(client, shop, fields).answer.location)


def test_forty_browsers_post_one_date(app: Application, shop: Business) -> None:
    sent = crowd(app, shop)
    with stripe_running():
        ends = all_at_once(partial(status, shop, *each) for each in sent)
    assert ends == {"303": 1, "409": BROWSERS - 1}
    assert list(claims_of(shop)) == [(shop.resource_id, in_half_a_year(shop))]


def test_forty_browsers_post_forty_dates(app: Application, shop: Business) -> None:
    sent = crowd(app, shop)
    for plus, (_, fields) in enumerate(sent):
        fields["date"] = in_half_a_year(shop, plus=plus).isoformat()
    with stripe_running():
        ends = all_at_once(partial(status, shop, *each) for each in sent)
    assert ends == {"303": BROWSERS}


def test_one_browser_double_clicks_twenty_times(app: Application, shop: Business) -> None:
    client = app.test_client()
    fields = filled(client, shop)
    cookies = (client._cookies or {}).values()
    browsers = [app.test_client() for _ in range(20)]
    for browser in browsers:
        for cookie in cookies:
            browser.set_cookie(cookie.key, cookie.value)
    with stripe_running() as stripe:
        ends = all_at_once(partial(place, shop, browser, fields) for browser in browsers)
        opened = [request for request in stripe.requests if request.path == "/v1/checkout/sessions"]
    assert len(ends) == 1, ends
    assert next(iter(ends)).startswith("http")
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking") == 1
    assert len({request.idempotency_key for request in opened}) == 1
