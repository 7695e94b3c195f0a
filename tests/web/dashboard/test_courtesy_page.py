"""The owner sets for how many days a date can be kept without paying."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.web.application import Application
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.world import Business


def days(shop: Business) -> int:
    with database.reading(shop.id):
        return int(database.value("SELECT courtesy_days FROM tenant WHERE id = %s", shop.id))


def save(client: FlaskClient, shop: Business, text: str) -> tuple[int, str]:
    address = f"/dashboard/{shop.slug}/settings/courtesy"
    page = client.get(f"/dashboard/{shop.slug}/dates").text
    answer = client.post(address, data={"csrf_token": csrf_in(page), "courtesy_days": text})
    return answer.status_code, answer.text


@pytest.mark.parametrize("text", ["0", "7", "14"])
def test_the_owner_sets_the_days(app: Application, shop: Business, text: str) -> None:
    owner = logged_in(app, person(shop.id))
    assert save(owner, shop, text)[0] == 303
    assert days(shop) == int(text)
    assert f'value="{text}"' in owner.get(f"/dashboard/{shop.slug}/settings/courtesy").text


@pytest.mark.parametrize("text", ["", "-1", "15", "1e1", "7O", "１２"])
def test_what_makes_no_sense_is_not_saved(app: Application, shop: Business, text: str) -> None:
    status, page = save(logged_in(app, person(shop.id)), shop, text)
    assert (status, 'id="f-courtesy_days-error"' in page) == (422, True)
    assert days(shop) == 0


def test_only_the_owner_sets_it(app: Application, shop: Business) -> None:
    assert save(logged_in(app, person(shop.id, Role.STAFF)), shop, "7")[0] == 404
    assert days(shop) == 0
