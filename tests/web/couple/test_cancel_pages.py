"""The couple cancels in its browser, without JavaScript: see, confirm with a tick, take back, and what is too late."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle import cancel, finish
from portal.tenants import service as tenants
from portal.web.application import Application
from tests.support import couples, sold
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


def shown(client: FlaskClient, home: str) -> str:
    """The address of the page with the figures."""
    answer = send(client, client.get(f"{home}/cancel").text, f"{home}/cancel")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def status(shop: Business, booking: Sold) -> str:
    with database.reading(shop.id):
        return str(database.value("SELECT status FROM booking WHERE id = %s", booking.booking_id))


def age(shop: Business, by: timedelta) -> None:
    """Every quote of a tenant was made earlier."""
    with database.writing(shop.id):
        database.execute("UPDATE change_quote SET offered_at = offered_at - %s, expires_at = expires_at - %s", by, by)


def test_from_the_booking_to_the_cancellation_and_back(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    with database.writing(shop.id):
        kept = "UPDATE booking SET policy = jsonb_set(policy, '{cancellation,kept}', '\"nothing\"')"
        database.execute(kept)
    assert f'href="{home}/cancel"' in opened()
    address = shown(client, home)
    page = client.get(address).text
    for words in ("You get $1,000.00 back", "card ending in 4242", "The $1,000.00 that is still open", "1 hour"):
        assert words in page
    assert status(shop, booking) == "confirmed"
    answer = send(client, page, address, reason="We moved to Lisbon.", is_sure="1")
    assert (answer.status_code, answer.location) == (303, home)
    page = opened()
    assert "being cancelled" in page
    assert "Keep our booking" in page
    assert f'href="{home}/cancel"' not in page
    answer = send(client, page, f"{home}/undo")
    assert (answer.status_code, status(shop, booking)) == (303, "confirmed")
    assert "stays as it was" in opened()


def test_without_time_to_undo_it_is_said_to_be_final_at_once(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    tenants.change_tenant(shop.id, undo_minutes=0)
    opened()
    address = shown(client, home)
    page = client.get(address).text
    assert "It cannot be taken back." in page
    assert send(client, page, address, is_sure="1").status_code == 303
    page = opened()
    assert status(shop, booking) == "cancelling"  # until the worker has seen it
    assert "You have cancelled this booking." in page
    assert "That is final" in page
    assert "This booking is being cancelled" not in page


def test_the_share_is_said_of_what_it_is_taken_of(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    for kept, says in (("nothing", "100% of what you paid"), ("deposit", "Of what remains, 100%")):
        change = (
            "UPDATE booking SET policy = jsonb_set(policy, '{cancellation,kept}', to_jsonb(%s::text)) WHERE id = %s"
        )
        with database.writing(shop.id):
            database.execute(change, kept, booking.booking_id)
        page = client.get(shown(client, home)).text
        assert f"{says} comes back" in page
        assert ("$1,000.00 is kept in any case." in page) is (kept == "deposit")


def test_without_the_tick_nothing_is_cancelled(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    address = shown(client, home)
    answer = send(client, client.get(address).text, address, reason="Ours <b>alone</b>")
    assert answer.status_code == 422
    assert 'id="f-is_sure-error"' in answer.text
    assert "Ours &lt;b&gt;alone&lt;/b&gt;" in answer.text
    too_long = send(client, answer.text, address, reason="x" * 1001, is_sure="1")
    assert too_long.status_code == 422
    assert 'id="f-reason-error"' in too_long.text
    assert status(shop, booking) == "confirmed"


def test_old_figures_lead_to_new_ones_and_change_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    address = shown(client, home)
    page = client.get(address).text
    age(shop, timedelta(minutes=16))
    assert "no longer good" in client.get(address).text
    answer = send(client, page, address, reason="", is_sure="1")
    assert answer.status_code == 409
    assert "More than 15 minutes have passed" in answer.text
    assert status(shop, booking) == "confirmed"
    fresh = re.search(rf'action="({home}/cancel/[0-9a-f-]+)"', answer.text)
    assert fresh
    assert fresh[1] != address
    assert send(client, answer.text, fresh[1], is_sure="1").status_code == 303
    assert status(shop, booking) == "cancelling"


def test_figures_of_another_booking_or_invented_ones_do_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    other = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=9))
    theirs = cancel.see(shop.id, other.booking_id, actor=Actor.COUPLE, at=time.now())
    page = client.get(f"{home}/cancel").text
    for quote_id in (theirs.id, uuid7()):
        assert client.get(f"{home}/cancel/{quote_id}").status_code == 404
        answer = send(client, page, f"{home}/cancel/{quote_id}", is_sure="1")
        assert answer.status_code == 409
        assert "not for this booking" in answer.text
    assert (status(shop, booking), status(shop, other)) == ("confirmed", "confirmed")


def test_cancelling_twice_and_undoing_too_late_say_how_things_stand(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    address = shown(client, home)
    page = client.get(address).text
    assert send(client, page, address, is_sure="1").status_code == 303
    for again in (address, f"{home}/cancel"):
        answer = send(client, page, again, is_sure="1")
        assert answer.status_code == 409
        assert "being cancelled already" in answer.text
    with database.writing(shop.id):
        database.execute("UPDATE booking SET cancel_undo_until = %s", time.now())
    assert "Keep our booking" not in opened()
    assert "is over" in send(client, page, f"{home}/undo").text
    finish.finish(shop.id, booking.booking_id, at=time.now())
    answer = send(client, page, f"{home}/undo")
    assert (answer.status_code, "is over" in answer.text) == (409, True)
    assert "was cancelled already" in client.get(f"{home}/cancel").text
    assert "This booking was cancelled." in opened()


def test_a_stranger_sees_and_changes_nothing(app: Application, home: str, shop: Business, booking: Sold) -> None:
    client = app.test_client()
    page = client.get(home).text
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    for path in ("cancel", f"cancel/{quote.id}", "undo"):
        for reference in (booking.reference, "2345-6789"):
            answer = send(client, page, f"/manage/{reference}/{path}", is_sure="1")
            assert answer.status_code == 404
            assert "Juniper" not in answer.text
    assert client.get(f"{home}/cancel/{quote.id}").status_code == 404
    assert status(shop, booking) == "confirmed"


def test_looking_a_hundred_times_changes_nothing(
    client: FlaskClient, opened: Page, home: str, shop: Business, booking: Sold
) -> None:
    opened()
    address = shown(client, home)

    def rows() -> list[Any]:
        with database.reading(shop.id):
            return [
                database.rows(f"SELECT * FROM {name} ORDER BY id") for name in ("booking", "change_quote", "outbox")
            ]

    before = rows()
    for _ in range(25):
        for path in (f"{home}/cancel", address):
            assert client.get(path).status_code == 200
            assert client.head(path).status_code == 200
    assert client.get(f"{home}/undo").status_code == 405
    assert rows() == before


def test_a_page_takes_few_statements_none_of_them_twice(client: FlaskClient, opened: Page, home: str) -> None:
    opened()
    for path in (f"{home}/cancel", shown(client, home)):
        with statements() as made:
            client.get(path)
        assert len(set(made)) == len(made) <= 6
