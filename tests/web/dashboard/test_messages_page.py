"""Mails that failed, on a booking's page: who may send them once more, and what that says."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.messages import service
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.web.application import Application
from tests.support import sold
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.sold import Sold
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


@pytest.fixture
def home(shop: Business, booking: Sold) -> str:
    return f"/dashboard/{shop.slug}/bookings/{booking.reference}"


@pytest.fixture
def message_id(shop: Business, booking: Sold) -> UUID:
    """A mail that its address has refused."""
    to = [Addressed("anna@couple.example", Audience.COUPLE)]
    (owed,) = service.owe(shop.id, booking.booking_id, MessageKind.CONFIRMATION, slot="s", to=to, at=time.now())
    service.record_failed(shop.id, owed, failure="inactive recipient")
    return owed


def status(shop: Business) -> str:
    with database.reading(shop.id):
        return str(database.value("SELECT status FROM message"))


def press(client: FlaskClient, home: str, message_id: UUID) -> TestResponse:
    token = csrf_in(client.get("/login" if "login" in home else home).text)
    return client.post(f"{home}/messages/{message_id}/retry", data={"csrf_token": token})


def test_the_owner_and_staff_send_it_once_more(app: Application, shop: Business, home: str, message_id: UUID) -> None:
    for role in (Role.OWNER, Role.STAFF):
        client = logged_in(app, person(shop.id, role))
        page = client.get(home).text
        assert "inactive recipient" in page
        assert f'action="{home}/messages/{message_id}/retry"' in page
        answer = press(client, home, message_id)
        assert (answer.status_code, answer.location) == (303, home)
        assert status(shop) == "due"
        page = client.get(home).text
        assert "The email is sent once more." in page
        assert "Send it once more" not in page
        service.record_failed(shop.id, message_id, failure="inactive recipient")


def test_a_second_press_says_how_it_stands(app: Application, shop: Business, home: str, message_id: UUID) -> None:
    owner = logged_in(app, person(shop.id))
    for _ in range(2):
        assert press(owner, home, message_id).status_code == 303
    assert "This message has not failed, or is being sent once more already." in owner.get(home).text
    assert press(owner, home, uuid7()).status_code == 404


def test_a_viewer_looks_and_a_rival_finds_nothing(
    app: Application, shop: Business, rival: Business, home: str, message_id: UUID
) -> None:
    viewer = logged_in(app, person(shop.id, Role.VIEWER))
    page = viewer.get(home).text
    assert "inactive recipient" in page
    assert not re.search(r"messages/[0-9a-f-]+/retry", page)
    assert press(viewer, home, message_id).status_code == 404
    stranger = logged_in(app, person(rival.id))
    token = csrf_in(stranger.get(f"/dashboard/{rival.slug}/settings/undo").text)
    for slug in (shop.slug, rival.slug):
        address = f"{home.replace(shop.slug, slug)}/messages/{message_id}/retry"
        assert stranger.post(address, data={"csrf_token": token}).status_code == 404
    assert status(shop) == "failed"
