"""The owner's pages: what a member sees, what a rival and a viewer do not."""

import pytest
from flask.testing import FlaskClient

from portal.bookings import service
from portal.identity.roles import Role
from portal.kernel import time
from portal.web.application import Application
from tests.support import couples, people
from tests.support.sold import sell
from tests.support.world import Business


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    return people.logged_in(app, people.person(shop.id))


def test_a_stranger_is_sent_to_the_login_and_comes_back(client: FlaskClient, shop: Business) -> None:
    answer = client.get(f"/dashboard/{shop.slug}/bookings?status=held")
    assert answer.status_code == 303
    assert answer.location == f"/login?next=/dashboard/{shop.slug}/bookings?status%3Dheld"


def test_an_owner_with_one_business_goes_straight_to_its_bookings(owner: FlaskClient, shop: Business) -> None:
    answer = owner.get("/dashboard/")
    assert answer.location == f"/dashboard/{shop.slug}/bookings"
    assert "No bookings ahead yet" in owner.get(answer.location).text


def test_the_order_of_the_list_stands_in_its_address(owner: FlaskClient, shop: Business) -> None:
    for plus in range(26):
        couples.hold(shop, event_on=couples.in_half_a_year(shop, plus=plus))
    newest = owner.get(f"/dashboard/{shop.slug}/bookings?sort=newest").text
    assert '<option value="newest" selected>' in newest
    assert "sort=newest&amp;after=" in newest
    for nonsense in ("", "?sort=price", "?sort=newest&sort=date&sort="):
        assert owner.get(f"/dashboard/{shop.slug}/bookings{nonsense}").status_code == 200


def test_a_rival_gets_the_page_of_an_invented_business(app: Application, shop: Business, rival: Business) -> None:
    stranger = people.logged_in(app, people.person(rival.id))
    real = stranger.get(f"/dashboard/{shop.slug}/bookings")
    invented = stranger.get("/dashboard/no-such-business/bookings")
    assert real.status_code == invented.status_code == 404
    assert shop.tenant.name not in real.text


def test_the_address_in_a_mail_leads_a_member_on_and_tells_a_rival_nothing(
    app: Application, owner: FlaskClient, shop: Business, rival: Business
) -> None:
    sold = sell(shop)
    assert owner.get(f"/dashboard/bookings/{sold.reference}").location.endswith(
        f"/dashboard/{shop.slug}/bookings/{sold.reference}"
    )
    stranger = people.logged_in(app, people.person(rival.id))
    real, invented = (stranger.get(f"/dashboard/bookings/{name}") for name in (sold.reference, "ZZZZ-ZZZZ"))
    assert real.status_code == invented.status_code == 404
    assert real.text == invented.text


def test_dates_are_closed_and_opened_again(owner: FlaskClient, shop: Business) -> None:
    address = f"/dashboard/{shop.slug}/dates"
    token = people.csrf_token(owner, address)
    form = {
        "csrf_token": token,
        "resource": shop.resource_id,
        "first_on": "2028-08-04",
        "last_on": "2028-08-06",
        "note": "Away",
    }
    answer = owner.post(address, data=form, follow_redirects=True)
    assert "Closed. Nobody can book these dates now." in answer.text
    assert answer.text.count("blacked_out") >= 3
    opening = answer.text.split('/open"')[0].rsplit('action="', 1)[1] + "/open"
    answer = owner.post(opening, data={"csrf_token": token, "month": "2028-08"}, follow_redirects=True)
    assert "can be booked again" in answer.text


@pytest.mark.parametrize("bad", ["", "2028-02-30", "20280804", "２０２８-08-04", "1999-01-01", "9999-12-31"])
def test_a_date_that_cannot_be_closed_is_told_at_its_field(owner: FlaskClient, shop: Business, bad: str) -> None:
    address = f"/dashboard/{shop.slug}/dates"
    form = {
        "csrf_token": people.csrf_token(owner, address),
        "resource": shop.resource_id,
        "first_on": bad,
        "note": "kept",
    }
    answer = owner.post(address, data=form)
    assert answer.status_code == 422
    assert 'id="f-first_on-error"' in answer.text
    assert 'value="kept"' in answer.text


def test_a_viewer_looks_and_cannot_change(app: Application, shop: Business) -> None:
    viewer = people.logged_in(app, people.person(shop.id, Role.VIEWER))
    address = f"/dashboard/{shop.slug}/dates"
    assert "Close these dates" not in viewer.get(address).text
    token = people.csrf_token(viewer, address)
    form = {"csrf_token": token, "resource": shop.resource_id, "first_on": "2028-08-04"}
    assert viewer.post(address, data=form).status_code == 404


def test_a_booking_that_needs_a_person_says_why_and_can_be_put_to_rest(owner: FlaskClient, shop: Business) -> None:
    sold = sell(shop)
    service.flag_for_review(shop.id, sold.booking_id, "payment_mismatch: amount", time.now())
    address = f"/dashboard/{shop.slug}/bookings/{sold.reference}"
    assert "differs from what was sold (amount)" in owner.get(address).text
    token = people.csrf_token(owner, address)
    answer = owner.post(f"{address}/reviewed", data={"csrf_token": token}, follow_redirects=True)
    assert "needs your attention" not in answer.text
    assert "This was looked into" in answer.text
