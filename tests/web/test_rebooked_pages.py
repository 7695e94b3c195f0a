"""How a further share stands on the couple's page and on the owner's, before and after the date is sold again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal import settings as settings_module
from portal.bookings import terms as verbs
from portal.bookings.policy.documents import cancellation_policy, move_policy
from portal.kernel import time
from portal.lifecycle import finish, rebooked
from portal.settings import Features, Settings
from portal.web.application import Application
from tests.support import leaving, people, sold
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to

HALF = {"kept": '"deposit"', "rebooked_percent": "50"}


def given_up(shop: Business, **terms: str) -> Sold:
    booking = sold.sell(shop)
    leaving.terms(shop, booking, **{**HALF, **terms})
    finish.finish(shop.id, booking.booking_id, at=leaving.cancelling(shop, booking).undo_until)
    return booking


def sell_again(shop: Business) -> None:
    again = sold.sell(shop, email="cleo@others.example", second_email=None, first_partner="Cleo Secret")
    assert rebooked.look(shop.id, again.booking_id, at=time.now()) == 1


def words(client: FlaskClient, address: str) -> str:
    found = BeautifulSoup(client.get(address).text, "html.parser").select_one("main")
    return " ".join(found.get_text(" ").split()) if found else ""


def couple(app: Application, shop: Business, booking: Sold) -> FlaskClient:
    client = app.test_client()
    client.get(link_to(shop, booking))
    return client


@pytest.fixture
def refunds_off(connected: Settings) -> Iterator[None]:
    """An installation that gives nothing back by itself."""
    settings_module.install(replace(connected, features=Features(refunds=False)))
    yield
    settings_module.install(connected)


def test_both_see_the_hope_and_then_the_share(app: Application, shop: Business) -> None:
    booking = given_up(shop)
    theirs, ours = f"/manage/{booking.reference}", f"/dashboard/{shop.slug}/bookings/{booking.reference}"
    client, owner = couple(app, shop, booking), people.logged_in(app, people.person(shop.id))
    assert "If your date is booked again, 50% of what was kept goes back to you as well." in words(client, theirs)
    assert "If it is sold again 50% of what is kept goes back" in words(owner, ours)
    sell_again(shop)
    said = words(client, theirs)
    assert "Your date was booked again: a further $500.00 goes back to you." in said
    assert "The date was booked again $500.00 goes back" in said
    assert "If your date is booked again" not in said
    assert "Cleo" not in said
    assert "Sold again" in words(owner, ours)
    assert "a further $500.00 goes back" in words(owner, ours)


def test_nothing_kept_is_no_hope(app: Application, shop: Business) -> None:
    booking = given_up(shop, kept='"nothing"')
    assert "booked again" not in words(couple(app, shop, booking), f"/manage/{booking.reference}")


def test_what_a_person_has_to_send_back_is_not_told_as_on_its_way(
    app: Application, shop: Business, refunds_off: None
) -> None:
    booking = given_up(shop, kept='"nothing"', flat_fee_cents="20000")
    said = words(couple(app, shop, booking), f"/manage/{booking.reference}")
    assert "$800.00 is owed back to you. Juniper & Rye sends it by hand." in said
    assert "how far it is" not in said


def test_the_terms_of_an_offer_and_of_its_form_speak_of_it(client: FlaskClient, shop: Business) -> None:
    said = "If others book your date after you have cancelled 40% of what was kept goes back to you as well."
    pages = [shop.url("packages/whole-day"), shop.url("book/whole-day")]
    assert all(said not in words(client, page) for page in pages)
    document = {**shop.tenant.cancellation_policy, "rebooked_percent": 40}
    verbs.set_business_terms(shop.id, cancellation_policy(document), move_policy(shop.tenant.move_policy))
    assert all(said in words(client, page) for page in pages)
