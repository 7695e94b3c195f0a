"""A couple with a booking and an emailed link."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from tests.support import sold
from tests.support.sold import Sold
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    """A confirmed booking of the shop."""
    return sold.sell(shop)


@pytest.fixture
def link(shop: Business, booking: Sold) -> str:
    """The address in the couple's mail."""
    return link_to(shop, booking)


def link_to(shop: Business, booking: Sold, *, recipient: str = "anna@couple.example") -> str:
    """One more link to a booking."""
    minted = tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, recipient=recipient, at=time.now())
    return f"/m/{minted.raw}"


def spoil(shop: Business, column: str) -> None:
    """Every link of a tenant has ended: used, revoked or expired."""
    with database.writing(shop.id):
        database.execute(f"UPDATE booking_action_token SET {column} = %s", time.now() - timedelta(seconds=1))


@pytest.fixture
def opened(client: FlaskClient, link: str, booking: Sold) -> Callable[[], str]:
    """The couple's page, in a browser that has opened the link."""
    client.get(link)
    return lambda: client.get(f"/manage/{booking.reference}").text
