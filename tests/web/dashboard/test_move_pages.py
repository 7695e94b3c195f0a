"""The business moves a booking from its portal: to any free day, for a fee or none, after it has seen what changes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.identity.roles import Role
from portal.web.application import Application
from tests.support import couples, shifting, sold
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    return logged_in(app, person(shop.id))


@pytest.fixture
def home(shop: Business, booking: Sold) -> str:
    return f"/dashboard/{shop.slug}/bookings/{booking.reference}"


def send(client: FlaskClient, page: str, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={"csrf_token": csrf_in(page), **fields})


def ask(client: FlaskClient, home: str, **fields: str) -> TestResponse:
    typed = {"event_on": "", "package": "whole-day", "price": "old", "fee": "", **fields}
    return send(client, client.get(f"{home}/move").text, f"{home}/move", **typed)


def one(shop: Business, sql: str) -> Any:
    with database.reading(shop.id):
        return database.value(sql)


def test_moving_against_the_terms_for_a_fee(owner: FlaskClient, home: str, shop: Business, booking: Sold) -> None:
    shifting.terms(shop, booking, free_moves="0", farthest_days="3")
    new = shifting.later(shop, 90)
    assert f'href="{home}/move"' in owner.get(home).text
    page = owner.get(f"{home}/move?month={new:%Y-%m}").text
    assert f'name="pick" value="{new}"' in page
    answer = ask(owner, home, pick=str(new), fee="75.50")
    assert answer.status_code == 303, answer.text
    page = owner.get(answer.location).text
    for words in ("$75.50", "Fee", "$2,075.50", "The couple gets a mail"):
        assert words in page
    assert shifting.day(shop, booking) != new
    assert send(owner, page, answer.location).location == home
    assert shifting.day(shop, booking) == new
    page = owner.get(home).text
    assert "The date is moved" in page
    assert "fee $75.50" in page
    assert one(shop, "SELECT moves_done FROM booking") == 0


def test_what_was_typed_wrong_is_told_at_its_field(
    owner: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    old, new = shifting.day(shop, booking), str(shifting.later(shop))
    for fields, name in (
        ({}, "event_on"),
        ({"event_on": "someday"}, "event_on"),
        ({"event_on": str(old)}, "event_on"),
        ({"event_on": str(old - timedelta(days=4000))}, "event_on"),
        ({"event_on": new, "fee": "1e5"}, "fee"),
        ({"event_on": new, "fee": "999999999"}, "fee"),
        ({"event_on": new, "price": "half"}, "price"),
        ({"event_on": new, "package": "none-of-ours"}, "package"),
    ):
        answer = ask(owner, home, **fields)
        assert (answer.status_code, f'id="f-{name}-error"' in answer.text) == (422, True), fields
    assert shifting.day(shop, booking) == old


def test_another_package_at_its_price_of_today(owner: FlaskClient, home: str, shop: Business, booking: Sold) -> None:
    shop.package("weekend", cents=260_000, days=2)
    new = shifting.later(shop)
    answer = ask(owner, home, event_on=str(new), package="weekend", price="new")
    assert answer.status_code == 303, answer.text
    page = owner.get(answer.location).text
    assert "Weekend" in page
    assert "$2,600.00" in page
    assert send(owner, page, answer.location).status_code == 303
    assert one(shop, "SELECT package_name FROM booking") == "Weekend"
    assert shifting.claimed(shop) == {new, new + timedelta(days=1)}


def test_a_date_taken_a_moment_ago_and_old_figures_move_nothing(
    owner: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    old, new = shifting.day(shop, booking), shifting.later(shop)
    address = ask(owner, home, event_on=str(new)).location
    page = owner.get(address).text
    with database.writing(shop.id):
        ago = timedelta(minutes=16)
        database.execute("UPDATE change_quote SET offered_at = offered_at - %s, expires_at = expires_at - %s", ago, ago)
    answer = send(owner, page, address)
    assert (answer.status_code, "More than 15 minutes" in answer.text) == (409, True)
    fresh = re.search(rf'action="({home}/move/[0-9a-f-]{{36}})"', answer.text)
    assert fresh
    couples.hold(shop, event_on=new)
    answer = send(owner, page, fresh[1])
    assert (answer.status_code, "was taken a moment ago" in answer.text) == (409, True)
    answer = ask(owner, home, event_on=str(new), fee="12")
    assert (answer.status_code, 'value="12"' in answer.text) == (409, True)
    assert shifting.day(shop, booking) == old


def test_who_may_only_look_and_who_is_of_another_business_moves_nothing(
    app: Application, owner: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    old, new = shifting.day(shop, booking), shifting.later(shop)
    address = ask(owner, home, event_on=str(new)).location
    viewer, rival = logged_in(app, person(shop.id, role=Role.VIEWER)), logged_in(app, person())
    assert f'href="{home}/move"' not in viewer.get(home).text
    assert "<form" not in viewer.get(f"{home}/move").text.partition("<main")[2]
    page = viewer.get(address).text
    for path in (f"{home}/move", address):
        assert send(viewer, page, path, event_on=str(new)).status_code == 404
        assert rival.get(path).status_code == 404
    assert shifting.day(shop, booking) == old


def test_a_page_takes_few_statements_none_of_them_twice(owner: FlaskClient, home: str, shop: Business) -> None:
    for path in (f"{home}/move", ask(owner, home, event_on=str(shifting.later(shop))).location):
        with statements() as made:
            owner.get(path)
        assert len(set(made)) == len(made) <= 6
