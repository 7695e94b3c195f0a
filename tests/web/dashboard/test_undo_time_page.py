"""The owner sets how long a cancellation can be taken back."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.web.application import Application
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.world import Business


def minutes(shop: Business) -> int:
    with database.reading(shop.id):
        return int(database.value("SELECT undo_minutes FROM tenant WHERE id = %s", shop.id))


def save(client: FlaskClient, shop: Business, text: str) -> tuple[int, str]:
    address = f"/dashboard/{shop.slug}/settings/undo"
    page = client.get(f"/dashboard/{shop.slug}/dates").text
    answer = client.post(address, data={"csrf_token": csrf_in(page), "undo_minutes": text})
    return answer.status_code, answer.text


@pytest.mark.parametrize("text", ["0", "60", "4320"])
def test_the_owner_sets_the_time(app: Application, shop: Business, text: str) -> None:
    owner = logged_in(app, person(shop.id))
    assert save(owner, shop, text)[0] == 303
    assert minutes(shop) == int(text)
    assert f'value="{text}"' in owner.get(f"/dashboard/{shop.slug}/settings/undo").text


@pytest.mark.parametrize("text", ["", "-1", "4321", "1e3", "6O", "１２"])
def test_what_makes_no_sense_is_not_saved(app: Application, shop: Business, text: str) -> None:
    status, page = save(logged_in(app, person(shop.id)), shop, text)
    assert (status, 'id="f-undo_minutes-error"' in page) == (422, True)
    assert minutes(shop) == 60


def test_only_the_owner_sets_it(app: Application, shop: Business) -> None:
    assert save(logged_in(app, person(shop.id, Role.STAFF)), shop, "0")[0] == 404
    assert minutes(shop) == 60
