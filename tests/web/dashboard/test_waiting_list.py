"""The owner sees who waits for which date, and can take somebody off the list; nobody else can."""

from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.lifecycle import waiting
from portal.web.application import Application
from tests.support import people, sold
from tests.support.couples import in_half_a_year
from tests.support.forms import csrf_of
from tests.support.queues import join, statuses
from tests.support.world import Business


def diary(client: FlaskClient, shop: Business) -> str:
    return client.get(f"/dashboard/{shop.slug}/dates?month={in_half_a_year(shop):%Y-%m}").text


def logged_in(app: Application, shop: Business, role: Role = Role.OWNER) -> FlaskClient:
    return people.logged_in(app, people.person(shop.id, role))


def test_the_diary_tells_who_waits_in_turn_and_for_whom_a_day_is_kept(app: Application, shop: Business) -> None:
    booked = sold.sell(shop)
    owner = logged_in(app, shop)
    assert "Waiting for a date" not in diary(owner, shop)
    join(shop, "Ada")
    join(shop, "Bea")
    page = diary(owner, shop)
    assert page.index("Ada &amp; Max") < page.index("Number 1, since") < page.index("Number 2, since")
    assert "2 wait" in page
    assert "ada@waiting.example" in page
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'cancelled' WHERE id = %s", booked.booking_id)
        database.execute("DELETE FROM date_claim WHERE booking_id = %s", booked.booking_id)
    waiting.offer_freed(shop.id, resource_id=shop.resource_id, days=[in_half_a_year(shop)], at=time.now())
    page = diary(owner, shop)
    assert "from the waiting list" in page
    assert "Kept for them until" in page
    assert "1 waits" in page


def remove(client: FlaskClient, shop: Business, entry_id: object) -> int:
    address = f"/dashboard/{shop.slug}/waiting/{entry_id}/remove"
    return client.post(address, data={"csrf_token": csrf_of(client)}).status_code


def test_the_owner_takes_somebody_off_the_list_and_the_second_press_says_how_things_stand(
    app: Application, shop: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop, "Ada")
    join(shop, "Bea")
    owner = logged_in(app, shop)
    assert remove(owner, shop, entry_id) == 303
    assert "They are no longer on the waiting list." in diary(owner, shop)
    assert statuses(shop) == {"Ada": "left", "Bea": "waiting"}
    assert remove(owner, shop, entry_id) == 303
    assert "was not waiting any more" in diary(owner, shop)


def test_a_viewer_a_rival_and_a_stranger_change_nothing(
    app: Application, client: FlaskClient, shop: Business, rival: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop, "Ada")
    viewer, other = logged_in(app, shop, Role.VIEWER), logged_in(app, rival)
    assert "Remove" not in diary(viewer, shop)
    assert remove(client, shop, entry_id) == 303  # to the login
    for browser, business in ((viewer, shop), (other, rival), (other, shop)):
        assert remove(browser, business, entry_id) == 404
    assert statuses(shop) == {"Ada": "waiting"}
