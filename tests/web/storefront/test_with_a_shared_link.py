"""A link for something of a booking does not make its browser the one that booked."""

import pytest
from flask.testing import FlaskClient

from portal.bookings.states import WHOLE, LinkAction
from portal.web.application import Application
from tests.support import couples, sold
from tests.support.forms import csrf_of
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.test_purposes import minted

NARROW = [action for action in LinkAction if action not in WHOLE]


@pytest.mark.parametrize("action", NARROW)
def test_the_return_page_and_the_payment_of_a_hold_stay_closed(
    app: Application, client: FlaskClient, shop: Business, action: LinkAction
) -> None:
    held = couples.hold(shop)
    assert held.checkout_id
    client.get(minted(shop, Sold(held.booking_id, held.reference, held.checkout_id), action))
    stranger = app.test_client()
    for path in (f"booked/{held.reference}", f"held/{held.reference}"):
        answers = [each.get(shop.url(path), follow_redirects=True) for each in (client, stranger)]
        assert answers[0].status_code == answers[1].status_code
        for words in ("Anna", "a•••", "Whole day"):
            assert words not in answers[0].text, path
    asked = client.post(shop.url(f"held/{held.reference}"), data={"csrf_token": csrf_of(client)})
    turned_away = stranger.post(shop.url(f"held/{held.reference}"), data={"csrf_token": csrf_of(stranger)})
    assert (asked.status_code, asked.location) == (turned_away.status_code, turned_away.location)


def test_the_link_to_everything_opens_both(client: FlaskClient, shop: Business) -> None:
    booking = sold.sell(shop)
    client.get(minted(shop, booking, LinkAction.MANAGE))
    assert booking.reference in client.get(shop.url(f"booked/{booking.reference}")).text
