"""The owner sets how long a cancellation can be taken back, a date kept without paying, and add-ons changed."""

from typing import NamedTuple

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.tenants import queries
from portal.web.application import Application
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.world import Business


class Wanted(NamedTuple):
    """A page: the last part of its address, its field, what a new business starts with, the most there may be."""

    path: str
    field: str
    start: int
    most: int


PAGES = [
    Wanted("undo", "undo_minutes", start=60, most=4320),
    Wanted("courtesy", "courtesy_days", start=0, most=14),
    Wanted("details", "details_cutoff_days", start=14, most=1095),
]
NONSENSE = ["", "-1", "1e1", "6O", "１２"]


def number(shop: Business, field: str) -> int:
    with database.reading(shop.id):
        return int(getattr(queries.get(shop.id), field))


def save(client: FlaskClient, shop: Business, page: Wanted, text: str) -> tuple[int, str]:
    token = csrf_in(client.get(f"/dashboard/{shop.slug}/dates").text)
    data = {"csrf_token": token, page.field: text}
    answer = client.post(f"/dashboard/{shop.slug}/settings/{page.path}", data=data)
    return answer.status_code, answer.text


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_owner_sets_it(app: Application, shop: Business, page: Wanted) -> None:
    owner = logged_in(app, person(shop.id))
    assert number(shop, page.field) == page.start
    for wanted in (page.most, 0, 7):
        assert save(owner, shop, page, str(wanted))[0] == 303
        assert number(shop, page.field) == wanted
        assert f'value="{wanted}"' in owner.get(f"/dashboard/{shop.slug}/settings/{page.path}").text


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_makes_no_sense_is_not_saved(app: Application, shop: Business, page: Wanted) -> None:
    owner = logged_in(app, person(shop.id))
    for text in (*NONSENSE, str(page.most + 1)):
        status, answer = save(owner, shop, page, text)
        assert (status, f'id="f-{page.field}-error"' in answer) == (422, True), text
    assert number(shop, page.field) == page.start


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_only_the_owner_sets_it(app: Application, shop: Business, page: Wanted) -> None:
    staff = logged_in(app, person(shop.id, Role.STAFF))
    assert save(staff, shop, page, str(page.most))[0] == 404
    assert number(shop, page.field) == page.start
    assert "<form" not in staff.get(f"/dashboard/{shop.slug}/settings/{page.path}").text.partition('id="main"')[2]
