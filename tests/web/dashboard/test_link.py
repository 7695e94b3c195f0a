"""The business sends a couple its link again, and never sees it itself."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.web.application import Application
from tests.support import sold
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.sold import Sold
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop, second_email="ben@couple.example")


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    return logged_in(app, person(shop.id))


def home(shop: Business, booking: Sold) -> str:
    return f"/dashboard/{shop.slug}/bookings/{booking.reference}"


def send(client: FlaskClient, shop: Business, booking: Sold) -> TestResponse:
    address = f"{home(shop, booking)}/link"
    return client.post(address, data={"csrf_token": csrf_of(client)}, follow_redirects=True)


def told(shop: Business) -> list[Any]:
    with database.reading(shop.id):
        return database.rows(
            "SELECT actor, actor_user_id IS NOT NULL AS has_name, details FROM booking_event WHERE kind = 'link_resent'"
        )


def owed(shop: Business) -> list[str]:
    """Whom the link is owed to."""
    with database.reading(shop.id):
        found = database.rows("SELECT recipient FROM message WHERE kind = 'manage_link' ORDER BY recipient")
    return [row.recipient for row in found]


def test_each_address_gets_it_and_the_timeline_tells_who_sent_it(
    owner: FlaskClient, shop: Business, booking: Sold
) -> None:
    page = send(owner, shop, booking).text
    assert "on its way to anna@couple.example, ben@couple.example" in page
    assert "The link was sent again" in page
    assert "/m/" not in page
    assert owed(shop) == ["anna@couple.example", "ben@couple.example"]
    (row,) = told(shop)
    assert tuple(row) == ("owner", True, {"label": "anna@couple.example, ben@couple.example"})


def test_a_hasty_double_click_sends_one(owner: FlaskClient, shop: Business, booking: Sold) -> None:
    with time.frozen(time.now()):
        for _ in range(2):
            assert send(owner, shop, booking).status_code == 200
    assert len(owed(shop)) == 2
    assert len(told(shop)) == 1


def test_three_an_hour_are_enough(owner: FlaskClient, shop: Business, booking: Sold) -> None:
    for _ in range(3):
        send(owner, shop, booking)
        with database.writing(shop.id):
            database.execute("UPDATE message SET slot = slot || '-' || id WHERE kind = 'manage_link'")
    assert "three times within the last hour" in send(owner, shop, booking).text
    assert len(owed(shop)) == 6


def test_a_hold_that_ran_out_has_no_link_to_send(owner: FlaskClient, shop: Business, booking: Sold) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired'")
    assert "Send the couple its link again" not in owner.get(home(shop, booking)).text
    assert "is over" in send(owner, shop, booking).text
    assert told(shop) == []


def test_a_viewer_and_a_rival_send_nothing(app: Application, shop: Business, rival: Business, booking: Sold) -> None:
    viewer, stranger = (logged_in(app, each) for each in (person(shop.id, Role.VIEWER), person(rival.id)))
    assert "Send the couple its link again" not in viewer.get(home(shop, booking)).text
    assert send(viewer, shop, booking).status_code == 404
    assert send(stranger, shop, booking).status_code == 404
    assert told(shop) == []
