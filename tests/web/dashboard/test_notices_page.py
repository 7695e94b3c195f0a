"""The owner says what the business hears of at once, what once a day, and what not."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.messages import notices
from portal.messages.notices import Topic, Way
from portal.web.application import Application
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.world import Business

ALL_AT_ONCE = {topic.value: "at_once" for topic in Topic}


def save(client: FlaskClient, shop: Business, **changes: str) -> Any:
    fields = {"csrf_token": csrf_of(client), **ALL_AT_ONCE, "at": "08:00", **changes}
    return client.post(f"/dashboard/{shop.slug}/settings/notices", data=fields)


def chosen(shop: Business) -> tuple[dict[Topic, Way], str]:
    with database.reading(shop.id):
        return notices.chosen(shop.id)


def test_the_owner_chooses_and_sees_what_is_chosen(app: Application, shop: Business) -> None:
    owner = logged_in(app, person(shop.id))
    assert save(owner, shop, booking="daily", change="off", at=" 17:45 ").status_code == 303
    plan, at = chosen(shop)
    assert (plan[Topic.BOOKING], plan[Topic.CHANGE], plan[Topic.PAYMENT], at) == ("daily", "off", "at_once", "17:45")
    page = owner.get(f"/dashboard/{shop.slug}/settings/notices").text
    assert 'value="17:45"' in page
    assert page.count('value="daily" selected') == 1
    assert page.count('value="off" selected') == 1
    assert page.count("This cannot be switched off.") == 3
    assert f"/dashboard/{shop.slug}/settings/notices" in owner.get(f"/dashboard/{shop.slug}/settings").text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("booking", "never"),
        ("booking", ""),
        ("dispute", "off"),
        ("refund", "off"),
        ("review", "off"),
        ("at", "24:00"),
        ("at", ""),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_not_saved(
    app: Application, shop: Business, field: str, text: str
) -> None:
    answer = save(logged_in(app, person(shop.id)), shop, change="off", **{field: text})
    assert (answer.status_code, f'id="f-{field}-error"' in answer.text) == (422, True)
    assert chosen(shop) == (dict.fromkeys(Topic, Way.AT_ONCE), "08:00")


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_only_the_owner_chooses(app: Application, shop: Business, role: Role) -> None:
    somebody = logged_in(app, person(shop.id, role))
    assert save(somebody, shop, booking="off").status_code == 404
    assert chosen(shop)[0][Topic.BOOKING] is Way.AT_ONCE
    page = somebody.get(f"/dashboard/{shop.slug}/settings/notices").text
    assert "Only the owner can change this." in page
    assert "fieldset" in page
    assert "disabled" in page


def test_a_rival_sees_nothing_and_changes_nothing(app: Application, shop: Business, rival: Business) -> None:
    stranger = logged_in(app, person(rival.id))
    assert stranger.get(f"/dashboard/{shop.slug}/settings/notices").status_code == 404
    assert save(stranger, shop, booking="off").status_code == 404
    assert chosen(shop)[0][Topic.BOOKING] is Way.AT_ONCE
