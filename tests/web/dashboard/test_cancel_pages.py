"""The business cancels, takes it back, gives money back and tries a failed refund again, from its portal."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings.states import Actor
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.lifecycle import cancel
from portal.web.application import Application
from tests.support import sold
from tests.support.forms import csrf_in
from tests.support.people import logged_in, person
from tests.support.sold import Sold
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


def one(shop: Business, sql: str) -> Any:
    with database.reading(shop.id):
        return database.value(sql)


def refunds(shop: Business) -> list[tuple[Any, ...]]:
    with database.reading(shop.id):
        return [tuple(row) for row in database.rows("SELECT amount_cents, note FROM refund_request ORDER BY id")]


def fail_refunds(shop: Business) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE refund_request SET status = 'FAILED', failure = 'lost_or_stolen_card'")


def test_cancelling_with_more_than_the_terms_and_back(owner: FlaskClient, home: str, shop: Business) -> None:
    page = owner.get(home).text
    assert f'href="{home}/cancel"' in page
    form = owner.get(f"{home}/cancel").text
    assert "Everything that is left" in form
    for fields, name in (
        ({"refund": "everything"}, "refund"),
        ({"refund": "all"}, "reason"),
        ({"refund": "amount", "amount": "1e5", "reason": "x"}, "amount"),
        ({"refund": "amount", "amount": "1000.01", "reason": "x"}, "amount"),
        ({"refund": "terms", "reason": "x" * 1001}, "reason"),
    ):
        answer = send(owner, form, f"{home}/cancel", **fields)
        assert (answer.status_code, f'id="f-{name}-error"' in answer.text) == (422, True)
    answer = send(owner, form, f"{home}/cancel", refund="amount", amount="250", reason="The barn has burnt down.")
    assert answer.status_code == 303
    address = answer.location
    shown = owner.get(address).text
    for words in ("$250.00 goes back", "By the terms it would be $0.00", "The barn has burnt down.", "1 hour"):
        assert words in shown
    untouched = send(owner, shown, address)
    assert (untouched.status_code, 'id="f-is_sure-error"' in untouched.text) == (422, True)
    assert send(owner, shown, address, is_sure="1").location == home
    page = owner.get(home).text
    for words in ("Being cancelled", "by the business", "Take the cancellation back", "You can take it back until"):
        assert words in page
    assert send(owner, page, f"{home}/undo").location == home
    assert one(shop, "SELECT status FROM booking") == "confirmed"
    assert "was taken back" in owner.get(home).text


def test_a_cancellation_of_the_couple_is_seen_and_cannot_be_made_twice(
    owner: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    form = owner.get(f"{home}/cancel").text
    address = send(owner, form, f"{home}/cancel", refund="terms").location
    shown = owner.get(address).text
    at = time.now()
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.COUPLE, at=at)
    cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.COUPLE, at=at, reason="We moved.")
    answer = send(owner, shown, address, is_sure="1")
    assert answer.location == home
    page = owner.get(home).text
    for words in ("by the couple", "We moved.", "being cancelled already"):
        assert words in page
    assert one(shop, "SELECT cancel_actor FROM booking") == "couple"


def test_figures_that_changed_are_shown_anew(owner: FlaskClient, home: str, shop: Business) -> None:
    form = owner.get(f"{home}/cancel").text
    address = send(owner, form, f"{home}/cancel", refund="amount", amount="900", reason="Sorry.").location
    shown, page = owner.get(address).text, owner.get(home).text
    left = re.search(r'name="left" value="(\d+)"', page)
    assert left
    send(owner, page, f"{home}/refunds", amount="50", reason="The rain.", left=left[1])
    answer = send(owner, shown, address, is_sure="1")
    assert (answer.status_code, "has changed since you saw" in answer.text) == (409, True)
    assert one(shop, "SELECT status FROM booking") == "confirmed"
    assert re.search(rf'action="{home}/cancel/(?!{address.rpartition("/")[2]})', answer.text)


def test_money_is_given_back_with_a_reason_and_never_more_than_is_left(
    owner: FlaskClient, home: str, shop: Business
) -> None:
    page = owner.get(home).text
    assert "Give money back" in page
    good = {"amount": "400.00", "reason": "It rained.", "left": "100000"}
    for changes in (
        {"amount": "1000.01"},
        {"amount": "0"},
        {"amount": "-1"},
        {"amount": "1_000"},
        {"amount": "NaN"},
        {"amount": "9" * 9999},
        {"reason": " "},
    ):
        answer = send(owner, page, f"{home}/refunds", **{**good, **changes})
        assert (answer.status_code, "-error" in answer.text) == (422, True), changes
    assert refunds(shop) == []
    assert send(owner, page, f"{home}/refunds", **good).status_code == 303
    again = send(owner, page, f"{home}/refunds", **good)
    assert (again.status_code, "since you opened this page" in again.text) == (409, True)
    assert refunds(shop) == [(40_000, "It rained.")]
    assert send(owner, page, f"{home}/refunds", **{**good, "amount": "600.01", "left": "60000"}).status_code == 422
    assert send(owner, page, f"{home}/refunds", **{**good, "left": "9" * 5000}).status_code == 409
    page = owner.get(home).text
    assert "It rained." in page
    assert "At most $600.00" in page
    asked = send(owner, owner.get(f"{home}/cancel").text, f"{home}/cancel", refund="terms")
    said = " ".join(owner.get(str(asked.location)).text.split())
    assert re.search(r"Paid, less what went back before</dt>.{0,60}\$600\.00", said)
    assert "Paid so far" not in said


def test_a_refund_that_failed_is_tried_again_once(
    owner: FlaskClient, home: str, shop: Business, rival: Business
) -> None:
    page = owner.get(home).text
    send(owner, page, f"{home}/refunds", amount="400", reason="It rained.", left="100000")
    fail_refunds(shop)
    page = owner.get(home).text
    found = re.search(rf'action="({home}/refunds/[0-9a-f-]+/retry)"', page)
    assert found
    assert send(owner, page, found[1]).status_code == 303
    assert send(owner, page, found[1]).status_code == 409
    assert refunds(shop) == [(40_000, "It rained.")] * 2
    assert "/retry" not in owner.get(home).text
    theirs = sold.sell(rival)
    other = f"/dashboard/{rival.slug}/bookings/{theirs.reference}"
    assert send(owner, page, f"{other}/refunds", amount="1", reason="x", left="100000").status_code == 404
    assert refunds(rival) == []


def test_who_may_only_look_changes_nothing(app: Application, home: str, shop: Business, booking: Sold) -> None:
    viewer = logged_in(app, person(shop.id, Role.VIEWER))
    page = viewer.get(home).text
    assert "Give money back" not in page
    assert "/cancel" not in page
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.OWNER, at=time.now())
    for path in ("cancel", f"cancel/{quote.id}", "undo", "refunds", f"refunds/{quote.id}/retry"):
        assert send(viewer, page, f"{home}/{path}", is_sure="1", amount="1", reason="x").status_code == 404
    assert one(shop, "SELECT status FROM booking") == "confirmed"
