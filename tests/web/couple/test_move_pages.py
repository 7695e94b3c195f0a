"""The couple moves its date in its browser, without JavaScript: choose, see, confirm; and what is too late for that."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings.states import Actor
from portal.db import database
from portal.kernel.ids import uuid7
from portal.web.application import Application
from tests.support import couples, shifting, sold
from tests.support.forms import csrf_in
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.world import Business

Page = Callable[[], str]


@pytest.fixture
def home(booking: Sold) -> str:
    return f"/manage/{booking.reference}"


def send(client: FlaskClient, page: str, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={"csrf_token": csrf_in(page), **fields})


def ask(client: FlaskClient, home: str, **fields: str) -> TestResponse:
    return send(client, client.get(f"{home}/reschedule").text, f"{home}/reschedule", **fields)


def shown(client: FlaskClient, home: str, on: date) -> str:
    """The address of the page with what changes."""
    answer = ask(client, home, event_on=str(on))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def age(shop: Business, by: timedelta) -> None:
    """Every quote of a tenant was made earlier."""
    with database.writing(shop.id):
        database.execute("UPDATE change_quote SET offered_at = offered_at - %s, expires_at = expires_at - %s", by, by)


def test_from_the_booking_to_a_new_date_for_free(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    new = shifting.later(shop)
    assert f'href="{home}/reschedule"' in opened()
    page = client.get(f"{home}/reschedule?month={new:%Y-%m}").text
    assert f'name="pick" value="{new}"' in page
    assert "The first move is free." in page
    answer = send(client, page, f"{home}/reschedule", pick=str(new))
    address = answer.location
    page = client.get(address).text
    for words in ("stays as it is", "Move the date", "Due on", "If plans change after that"):
        assert words in page
    assert shifting.day(shop, booking) != new
    answer = send(client, page, address)
    assert (answer.status_code, answer.location) == (303, home)
    assert shifting.day(shop, booking) == new
    page = opened()
    assert "Your date is now" in page
    assert "The date was moved" in page
    assert f'href="{home}/reschedule"' not in page  # the one free move is used
    stands = client.get(f"{home}/reschedule")
    assert (stands.status_code, "as often as the terms allow" in stands.text) == (200, True)


def test_the_month_shows_what_is_free_taken_present_and_out_of_reach(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    old, taken = shifting.day(shop, booking), shifting.later(shop, 1)
    sold.sell(shop, event_on=taken)
    shifting.terms(shop, booking, farthest_days="3")

    def day(on: date) -> str:
        page = client.get(f"{home}/reschedule?month={on:%Y-%m}").text
        found = re.search(
            rf'<(\w+) class="day (\w+)[^>]*(?:value="{on}")?[^>]*><span aria-hidden="true">{on.day}</span>', page
        )
        assert found
        return f"{found[1]} {found[2]}"

    assert day(old) == "span own"
    assert day(taken) == "span taken"
    assert day(old + timedelta(days=2)) == "button free"
    assert day(old - timedelta(days=3)) == "button free"
    assert day(old + timedelta(days=4)) == "span out_of_reach"
    far = client.get(f"{home}/reschedule?month=2099-01").text
    assert f'name="pick" value="{old + timedelta(days=3)}"' in far


def test_a_day_that_cannot_be_is_told_at_its_field(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    old = shifting.day(shop, booking)
    for typed in ("", "someday", "2027-02-30", "20270612", "2019-01-01", "2099-01-01", str(old), "x" * 5000):
        answer = ask(client, home, event_on=typed)
        assert answer.status_code == 422, typed
        assert 'id="f-event_on-error"' in answer.text
        assert "Nothing was moved" in answer.text
    assert shifting.day(shop, booking) == old


def test_a_field_that_comes_twice_and_a_foreign_package_change_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    page, new = client.get(f"{home}/reschedule").text, shifting.later(shop)
    twice = client.post(f"{home}/reschedule", data={"csrf_token": csrf_in(page), "event_on": [str(new), str(new)]})
    assert twice.status_code == 422
    shop.package("weekend", days=2)
    assert ask(client, home, event_on=str(new), package="weekend").status_code == 422
    shifting.terms(shop, booking, may_change_package="true")
    page = client.get(f"{home}/reschedule?package=weekend").text
    assert 'name="package" value="weekend"' in page
    answer = send(client, page, f"{home}/reschedule", event_on=str(new), package="weekend")
    assert answer.status_code == 303
    assert "Weekend" in client.get(answer.location).text


def test_a_date_taken_a_moment_ago_keeps_the_old_one(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    old, new = shifting.day(shop, booking), shifting.later(shop)
    address = shown(client, home, new)
    page = client.get(address).text
    couples.hold(shop, event_on=new)
    answer = send(client, page, address)
    assert (answer.status_code, "was taken a moment ago" in answer.text) == (409, True)
    assert 'name="pick"' in answer.text
    assert shifting.day(shop, booking) == old
    answer = ask(client, home, event_on=str(new))
    assert (answer.status_code, "was taken a moment ago" in answer.text) == (409, True)


def test_old_figures_lead_to_new_ones_and_change_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    old, new = shifting.day(shop, booking), shifting.later(shop)
    address = shown(client, home, new)
    page = client.get(address).text
    age(shop, timedelta(minutes=16))
    assert "no longer good" in client.get(address).text
    answer = send(client, page, address)
    assert (answer.status_code, "More than 15 minutes have passed" in answer.text) == (409, True)
    assert shifting.day(shop, booking) == old
    fresh = re.search(rf'action="({home}/reschedule/[0-9a-f-]{{36}})"', answer.text)
    assert fresh
    assert fresh[1] != address
    shifting.terms(shop, booking, free_moves="0", fees_cents="[5000]")
    answer = send(client, answer.text, fresh[1])
    assert (answer.status_code, "$50.00" in answer.text) == (409, True)
    assert shifting.day(shop, booking) == old


def test_figures_of_another_booking_or_another_change_do_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    old, new = shifting.day(shop, booking), shifting.later(shop)
    other = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=9))
    theirs = shifting.see(shop, other, new)
    owners = shifting.see(shop, booking, new, actor=Actor.OWNER)
    page = client.get(f"{home}/reschedule").text
    for quote_id in (theirs.id, uuid7()):
        assert client.get(f"{home}/reschedule/{quote_id}").status_code == 404
    for quote_id in (theirs.id, uuid7(), owners.id):
        answer = send(client, page, f"{home}/reschedule/{quote_id}")
        assert answer.status_code == 409
    assert shifting.day(shop, booking) == old


def test_two_tabs_move_at_once_and_one_is_told(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    first, second = (shown(client, home, shifting.later(shop, days)) for days in (7, 9))
    page = client.get(second).text
    assert send(client, page, first).status_code == 303
    for again in (first, second):
        answer = send(client, page, again)
        assert answer.status_code == 409, again
    assert shifting.day(shop, booking) == shifting.later(shop, 7)


def test_a_stranger_sees_and_changes_nothing(app: Application, home: str, shop: Business, booking: Sold) -> None:
    client, old = app.test_client(), shifting.day(shop, booking)
    page = client.get(home).text
    quote = shifting.see(shop, booking, shifting.later(shop))
    for path in ("reschedule", f"reschedule/{quote.id}", "reschedule/pay", "reschedule/keep"):
        for reference in (booking.reference, "2345-6789"):
            answer = send(client, page, f"/manage/{reference}/{path}", event_on=str(shifting.later(shop)))
            assert answer.status_code == 404, path
            assert "Juniper" not in answer.text
    assert client.get(f"{home}/reschedule/{quote.id}").status_code == 404
    assert shifting.day(shop, booking) == old


def test_looking_a_hundred_times_changes_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    address = shown(client, home, shifting.later(shop))

    def rows() -> list[Any]:
        with database.reading(shop.id):
            return [
                database.rows(f"SELECT * FROM {name} ORDER BY id") for name in ("booking", "change_quote", "outbox")
            ]

    before = rows()
    for _ in range(25):
        for path in (f"{home}/reschedule", address):
            assert client.get(path).status_code == 200
            assert client.head(path).status_code == 200
    assert client.get(f"{home}/reschedule/pay").status_code == 405
    assert rows() == before


def test_a_month_comes_alone_to_htmx(client: FlaskClient, opened: Page, home: str, shop: Business) -> None:
    opened()
    answer = client.get(f"{home}/reschedule", headers={"HX-Request": "true", "HX-Target": "dates"})
    assert answer.text.lstrip().startswith('<div class="stack" id="dates">')
    assert "<html" not in answer.text


def test_a_page_takes_few_statements_none_of_them_twice(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    shifting.terms(shop, booking, may_change_package="true")
    for path in (f"{home}/reschedule", shown(client, home, shifting.later(shop))):
        with statements() as made:
            client.get(path)
        assert len(set(made)) == len(made) <= 6
