"""The couple looks over its links, shares one and ends one, in its browser and without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.kernel.ids import uuid7
from portal.web.application import Application
from tests.support import couples, sold
from tests.support.forms import csrf_in
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.world import Business
from tests.web.couple.conftest import link_to
from tests.web.couple.test_purposes import rows

Page = Callable[[], str]
_LINK = re.compile(r'value="(http://[^"]+/m/[\w-]{43})"')


@pytest.fixture
def home(opened: Page, booking: Sold) -> str:
    opened()
    return f"/manage/{booking.reference}"


def form_id(page: str) -> str:
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found
    return found[1]


def share(client: FlaskClient, home: str, **fields: Any) -> TestResponse:
    page = client.get(f"{home}/links").text
    filled = {"csrf_token": csrf_in(page), "form_id": form_id(page), "label": "Mum & Dad", "action": "pay"}
    return client.post(f"{home}/links", data=filled | fields)


def shared(client: FlaskClient, home: str, **fields: Any) -> str:
    """The path of a new link."""
    answer = share(client, home, **fields)
    assert answer.status_code == 200, answer.text
    (link,) = _LINK.findall(answer.text)
    return "/m/" + str(link).rpartition("/")[2]


def test_a_link_is_shown_once_and_opens_what_it_is_for(
    app: Application, client: FlaskClient, home: str, shop: Business
) -> None:
    answer = share(client, home)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Mum &amp; Dad" in answer.text
    (link,) = _LINK.findall(answer.text)
    token = link.rpartition("/")[2]
    assert link.startswith("http://localhost"), "at our own address"
    for page in (f"{home}/links", home):
        assert token not in client.get(page).text
    guest = app.test_client()
    assert guest.get(f"/m/{token}").location == f"{home}/pay"
    assert guest.get(f"{home}/pay").status_code == 200
    del shop


def test_the_list_tells_what_each_is_for_and_whom_it_was_sent_to(client: FlaskClient, home: str) -> None:
    shared(client, home)
    page = client.get(f"{home}/links").text
    for words in ("Mum &amp; Dad", "Only pays", "Opens everything", "sent to a•••@couple.example", "This browser"):
        assert words in page, words
    assert "anna@couple.example" not in page
    assert f'href="{home}/links"' in client.get(home).text


def test_the_list_tells_whether_a_shared_link_was_opened(app: Application, client: FlaskClient, home: str) -> None:
    guest = app.test_client()
    guest.get(shared(client, home, action="look"))
    assert "not opened yet" in client.get(f"{home}/links").text
    page = guest.get(f"{home}/look").text
    assert f'hx-post="{home}/look/seen"' in page
    assert guest.post(f"{home}/look/seen", data={"csrf_token": csrf_in(page)}).status_code == 204
    page = client.get(f"{home}/links").text
    assert ("first opened on" in page, "not opened yet" in page) == (True, False)
    assert "A shared link was opened for the first time" in client.get(home).text
    assert "/seen" not in client.get(f"{home}/look").text, "the couple itself"


def test_an_ended_link_opens_nothing_and_is_gone_from_the_list(
    app: Application, client: FlaskClient, home: str, shop: Business
) -> None:
    link, guest = shared(client, home), app.test_client()
    assert guest.get(link).status_code == 302
    page = client.get(f"{home}/links").text
    with database.reading(shop.id):
        token_id = database.value("SELECT id FROM booking_action_token WHERE action = 'pay'")
    address = f"{home}/links/{token_id}/end"
    assert f'action="{address}"' in page
    answer = client.post(address, data={"csrf_token": csrf_in(page)}, follow_redirects=True)
    assert "opens nothing any more" in answer.text
    assert address not in answer.text
    assert [guest.get(each).status_code for each in (link, f"{home}/pay", f"{home}/paid")] == [410, 410, 410]
    again = client.post(address, data={"csrf_token": csrf_in(page)}, follow_redirects=True)
    assert "had ended already" in again.text
    told = client.get(home).text
    for words in ("A link was shared", "A link was ended", "Mum &amp; Dad · only pays"):
        assert words in told


def test_a_form_that_is_sent_twice_or_reloaded_makes_one_link(client: FlaskClient, home: str, shop: Business) -> None:
    same = str(uuid7())
    statuses = [share(client, home, form_id=same).status_code for _ in range(20)]
    assert statuses == [200] + [409] * 19
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM booking_action_token WHERE action = 'pay'") == 1
        assert database.value("SELECT count(*) FROM booking_event WHERE kind = 'link_shared'") == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label": ""}, "label"), ({"label": "x" * 61}, "label"), ({"label": "a\u202eb"}, "label"),
        ({"label": ["a", "b"]}, "label"), ({"action": "manage"}, "action"), ({"action": ""}, "action"),
        ({"action": ["look", "pay"]}, "action"), ({"form_id": "x"}, ""), ({"form_id": ""}, ""),
    ],
)  # fmt: skip
def test_a_form_with_faults_makes_no_link(
    client: FlaskClient, home: str, shop: Business, fields: dict[str, Any], field: str
) -> None:
    before = rows(shop)
    answer = share(client, home, **fields)
    assert answer.status_code == 422
    assert (f'id="f-{field}-error"' in answer.text) == bool(field)
    assert _LINK.findall(answer.text) == []
    assert rows(shop) == before
    if field != "label":
        assert 'value="Mum &amp; Dad"' in answer.text, "what was typed stays"


def test_a_hostile_name_is_shown_harmless(client: FlaskClient, home: str) -> None:
    shared(client, home, label="<script>{{7*7}}%s")
    for page in (f"{home}/links", home):
        text = client.get(page).text
        assert "&lt;script&gt;{{7*7}}%s" in text
        assert "<script>{{" not in text


def test_all_links_but_this_browsers_end_at_once(
    app: Application, client: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    others = [shared(client, home), link_to(shop, booking)]
    page = client.get(f"{home}/links").text
    answer = client.post(f"{home}/links/end-others", data={"csrf_token": csrf_in(page)}, follow_redirects=True)
    assert (answer.status_code, "3 links have ended" in answer.text) == (200, True)
    assert [app.test_client().get(link).status_code for link in others] == [410, 410]
    assert client.get(home).status_code == 200


def test_ending_the_link_of_this_browser_closes_the_booking_here(
    client: FlaskClient, home: str, shop: Business
) -> None:
    page = client.get(f"{home}/links").text
    with database.reading(shop.id):
        own = database.value("SELECT id FROM booking_action_token WHERE action = 'manage'")
    answer = client.post(f"{home}/links/{own}/end", data={"csrf_token": csrf_in(page)}, follow_redirects=True)
    assert (answer.status_code, "This link has ended" in answer.text) == (410, True)


def test_a_booking_that_is_over_offers_no_sharing(client: FlaskClient, shop: Business) -> None:
    held = couples.hold(shop)
    booking = Sold(held.booking_id, held.reference, uuid7())
    client.get(link_to(shop, booking))
    home = f"/manage/{held.reference}"
    page = client.get(f"{home}/links").text
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
    assert "Make the link" not in client.get(f"{home}/links").text
    sent = {"csrf_token": csrf_in(page), "form_id": form_id(page), "label": "Mum", "action": "look"}
    answer = client.post(f"{home}/links", data=sent)
    assert (answer.status_code, "is over" in answer.text) == (409, True)


def test_a_couple_with_a_long_list_sees_the_latest_first(
    client: FlaskClient, home: str, shop: Business, booking: Sold
) -> None:
    for _ in range(12):
        link_to(shop, booking)
    page = client.get(f"{home}/links").text
    assert "6 older links" in page
    assert page.count('/end"') == 14


def test_looking_changes_nothing_and_takes_few_statements(client: FlaskClient, home: str, shop: Business) -> None:
    shared(client, home)
    before = rows(shop)
    with statements() as made:
        client.get(f"{home}/links")
    assert len(set(made)) == len(made) <= 6
    assert client.head(f"{home}/links").status_code == 200
    assert client.get(f"{home}/links/end-others").status_code == 405
    assert rows(shop) == before


def test_two_shops_links_stay_apart(client: FlaskClient, home: str, rival: Business) -> None:
    theirs = sold.sell(rival)
    with database.reading(rival.id):
        token_id = database.value("SELECT id FROM booking_action_token")
    page = client.get(f"{home}/links").text
    assert str(token_id) not in page
    before = rows(rival)
    client.post(f"{home}/links/{token_id}/end", data={"csrf_token": csrf_in(page)})
    refused = client.post(f"/manage/{theirs.reference}/links", data={"csrf_token": csrf_in(page), "label": "Me"})
    assert refused.status_code == 404
    assert rows(rival) == before
