"""The owner says whether, when and at what time the business hears of its free Saturdays."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.web.application import Application
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.world import Business


def save(client: FlaskClient, shop: Business, weekday: str, at: str) -> Any:
    address = f"/dashboard/{shop.slug}/settings/free-dates"
    return client.post(address, data={"csrf_token": csrf_of(client), "weekday": weekday, "at": at})


def planned(shop: Business) -> list[str]:
    with database.reading(shop.id):
        return [row.slot for row in database.rows("SELECT slot FROM message WHERE status = 'planned'")]


def test_the_owner_chooses_and_stops_it(app: Application, shop: Business) -> None:
    owner = logged_in(app, person(shop.id))
    assert save(owner, shop, "4", "16:45").status_code == 303
    assert [slot[-5:] for slot in planned(shop)] == ["16:45"]
    page = owner.get(f"/dashboard/{shop.slug}/settings/free-dates").text
    assert 'value="4" selected' in page
    assert 'value="16:45"' in page
    assert save(owner, shop, "never", "16:45").status_code == 303
    assert planned(shop) == []


@pytest.mark.parametrize(("weekday", "at", "field"), [("7", "09:00", "weekday"), ("", "09:00", "weekday"),
                                                      ("1", "24:00", "at"), ("1", "", "at")])  # fmt: skip
def test_what_makes_no_sense_is_not_saved(app: Application, shop: Business, weekday: str, at: str, field: str) -> None:
    answer = save(logged_in(app, person(shop.id)), shop, weekday, at)
    assert (answer.status_code, f'id="f-{field}-error"' in answer.text) == (422, True)
    assert planned(shop) == []


def test_only_the_owner_chooses(app: Application, shop: Business) -> None:
    assert save(logged_in(app, person(shop.id, Role.STAFF)), shop, "1", "09:00").status_code == 404
    assert planned(shop) == []
