"""From the emailed link to the booking, and what a link shows that has ended."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.kernel import tokens
from portal.web.application import Application
from tests.support.people import csrf_token
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to, spoil

PRIVATE = ("Anna", "Ben Jones", "The Old Mill", "2,000.00", "anna@couple.example")
ENDINGS = ("used_at", "revoked_at", "expires_at")


def tokens_and_events(shop: Business) -> str:
    """Every row that opening a link could touch."""
    with database.reading(shop.id):
        found = [
            database.rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")
            for table in ("booking_action_token", "booking", "booking_event", "outbox", "message", "customer")
        ]
    return str(found)


def test_a_link_sets_a_cookie_and_leads_to_an_address_without_it(client: FlaskClient, link: str, booking: Sold) -> None:
    answer = client.get(link)
    assert (answer.status_code, answer.location) == (302, f"/manage/{booking.reference}")
    assert link.rpartition("/")[2] not in str(answer.headers.getlist("Set-Cookie"))
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(answer.location).status_code == 200


def test_a_hundred_scanners_change_nothing_and_use_nothing_up(
    app: Application, shop: Business, client: FlaskClient, link: str
) -> None:
    before = tokens_and_events(shop)
    for number in range(100):
        app.test_client().open(link, method=("HEAD", "GET")[number % 2])
    assert tokens_and_events(shop) == before
    assert client.get(link).status_code == 302


@pytest.mark.parametrize("column", ENDINGS)
def test_a_link_that_ended_shows_nothing_and_offers_a_new_one(
    client: FlaskClient, shop: Business, link: str, booking: Sold, column: str
) -> None:
    spoil(shop, column)
    answer = client.get(link)
    assert answer.status_code == 410
    assert "a•••@couple.example" in answer.text
    for words in (*PRIVATE, booking.reference, "Juniper"):
        assert words not in answer.text
    assert "Set-Cookie" not in answer.headers or "links=" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("column", ENDINGS)
def test_the_cookie_of_a_link_that_ended_opens_nothing_either(
    client: FlaskClient, shop: Business, link: str, booking: Sold, column: str
) -> None:
    client.get(link)
    spoil(shop, column)
    for page in ("", "/pay", "/cancel", "/links", "/look", "/calendar.ics"):
        answer = client.get(f"/manage/{booking.reference}{page}")
        assert answer.status_code == 410, page
        assert "a•••@couple.example" in answer.text
        for words in (*PRIVATE, "Juniper"):
            assert words not in answer.text


def test_a_spent_link_in_a_browser_that_holds_the_booking_just_leads_there(
    client: FlaskClient, shop: Business, link: str, booking: Sold
) -> None:
    spoil(shop, "used_at")
    fresh = link_to(shop, booking)
    client.get(fresh)
    assert client.get(link).location == f"/manage/{booking.reference}"


def test_asking_for_a_new_link_owes_a_mail_and_says_so(client: FlaskClient, shop: Business, link: str) -> None:
    spoil(shop, "expires_at")
    answer = client.post(link, data={"csrf_token": csrf_token(client, link)})
    assert answer.status_code == 200
    assert "a•••@couple.example" in answer.text
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM outbox WHERE kind = 'booking.link_requested'") == 1


def test_a_booking_gets_three_new_links_an_hour(client: FlaskClient, shop: Business, link: str) -> None:
    spoil(shop, "expires_at")
    token = csrf_token(client, link)
    statuses = [client.post(link, data={"csrf_token": token}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_a_link_that_works_need_not_be_renewed(client: FlaskClient, shop: Business, link: str, booking: Sold) -> None:
    token = csrf_token(client, f"/t/{shop.slug}/find-booking")
    assert client.post(link, data={"csrf_token": token}).location == f"/manage/{booking.reference}"


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda _: "x" * 9000])
def test_a_link_that_was_cut_or_changed_is_a_friendly_410(client: FlaskClient, link: str, change: object) -> None:
    assert callable(change)
    answer = client.get(f"/m/{change(link.removeprefix('/m/'))}")
    assert answer.status_code == 410
    assert "copied all of it" in answer.text


def test_guessing_is_stopped(app: Application) -> None:
    guesser = app.test_client()
    base = {"REMOTE_ADDR": "203.0.113.77"}
    statuses = {guesser.get(f"/m/{tokens.mint().raw}", environ_base=base).status_code for _ in range(101)}
    assert statuses == {410, 429}


def test_an_address_to_go_on_to_is_ignored(client: FlaskClient, link: str, booking: Sold) -> None:
    assert client.get(f"{link}?next=//evil.example").location == f"/manage/{booking.reference}"
