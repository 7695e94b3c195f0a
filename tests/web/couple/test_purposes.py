"""A link opens what it is for and nothing else, whatever pages there are; ended, it says so and shows nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.bookings import tokens
from portal.bookings.states import Actor, LinkAction
from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.lifecycle import cancel
from portal.lifecycle.cancel import Confirmed
from portal.web.application import Application
from tests.support import couples, documents, sold
from tests.support.forms import csrf_of
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import spoil

# Where a stranger gets the same, with any reference.
FOR_ALL = {("GET", "couple.done"), ("POST", "couple.send_link"), ("GET", "couple.enter"), ("POST", "couple.renew")}
OPENS = {
    LinkAction.LOOK: {("GET", "couple.look"), ("GET", "couple.calendar"), ("GET", "couple.manage"),
                      ("POST", "couple.look_seen")},
    LinkAction.PAY: {
        ("GET", "couple.pay"), ("POST", "couple.pay_open"), ("GET", "couple.paid"), ("POST", "couple.paid_check"),
        ("GET", "couple.manage"), ("POST", "couple.pay_seen"),
    },
    LinkAction.CANCEL: {
        ("GET", "couple.cancel_start"), ("POST", "couple.cancel_see"), ("GET", "couple.cancel_shown"),
        ("POST", "couple.cancel_confirm"),
    },
    LinkAction.RESCHEDULE: {
        ("GET", "couple.reschedule"), ("POST", "couple.reschedule_see"), ("GET", "couple.reschedule_shown"),
        ("POST", "couple.reschedule_confirm"), ("POST", "couple.reschedule_pay"), ("POST", "couple.reschedule_keep"),
        ("GET", "couple.paid"), ("POST", "couple.paid_check"),
    },
    LinkAction.EMAIL: {("GET", "couple.new_address"), ("POST", "couple.confirm_address")},
}  # fmt: skip
FIRST_PAGE = {
    LinkAction.MANAGE: "", LinkAction.BROWSER: "", LinkAction.RESCHEDULE: "/reschedule", LinkAction.CANCEL: "/cancel",
    LinkAction.LOOK: "/look", LinkAction.PAY: "/pay", LinkAction.EMAIL: "/new-address",
}  # fmt: skip
RENEWABLE = {LinkAction.MANAGE, LinkAction.BROWSER, LinkAction.RESCHEDULE, LinkAction.CANCEL}
ENDINGS = {"used_at": "used up", "revoked_at": "has ended", "expires_at": "has ended"}
PRIVATE = ("Anna", "Ben Jones", "The Old Mill", "anna@couple.example", "1,000.00", "2,000.00")


def minted(shop: Business, booking: Sold, action: LinkAction, **changes: Any) -> str:
    """The address of a new link."""
    wish = {"recipient": "" if action in {LinkAction.LOOK, LinkAction.PAY} else "anna@couple.example", **changes}
    return f"/m/{tokens.mint(shop.id, booking.booking_id, action=action, at=time.now(), **wish).raw}"


def rows(shop: Business) -> list[Any]:
    """Everything that a form of the couple could change."""
    names = ("booking", "booking_event", "change_quote", "booking_action_token", "checkout", "outbox", "customer")
    with database.reading(shop.id):
        return [database.rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {name} t") for name in names]


def pages(app: Application, values: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Method, endpoint and address of everything below a booking."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("couple."):
            continue
        for method in {"GET", "POST"} & set(rule.methods or ()):
            filled = {name: values[name] for name in rule.arguments}
            yield method, rule.endpoint, adapter.build(rule.endpoint, filled, method=method)


@pytest.mark.parametrize("action", list(LinkAction))
def test_a_link_leads_to_its_page_and_loses_its_token(
    client: FlaskClient, shop: Business, booking: Sold, action: LinkAction
) -> None:
    link = minted(shop, booking, action)
    answer = client.get(link)
    assert (answer.status_code, answer.location) == (302, f"/manage/{booking.reference}{FIRST_PAGE[action]}")
    assert link.rpartition("/")[2] not in str(answer.headers)


@pytest.mark.parametrize("action", list(OPENS))
def test_a_browser_with_one_such_link_is_a_stranger_to_every_other_page(
    app: Application, client: FlaskClient, shop: Business, booking: Sold, action: LinkAction
) -> None:
    client.get(minted(shop, booking, action))
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    with database.reading(shop.id):
        manage = database.value("SELECT id FROM booking_action_token WHERE action = 'browser'")
    number = documents.invoiced(shop, booking.booking_id)
    values = {"reference": booking.reference, "quote_id": quote.id, "token_id": manage, "token": "x" * 43}
    values["number"] = number
    csrf, before, met = csrf_of(client), rows(shop), set()
    for method, endpoint, address in pages(app, values):
        met.add((method, endpoint))
        if (method, endpoint) in OPENS[action] | FOR_ALL:
            continue
        sent = {"csrf_token": csrf, "is_sure": "1", "email": "", "action": "pay", "label": "Me", "form_id": uuid7()}
        answer = client.open(address, method=method, data=sent if method == "POST" else None)
        assert answer.status_code == 404, f"{method} {endpoint}"
        for words in (*PRIVATE, "Juniper"):
            assert words not in answer.text, f"{method} {endpoint}"
    assert rows(shop) == before
    assert met >= OPENS[action], "pages that do not exist any more"


def test_whoever_may_look_sees_the_day_and_no_money_address_or_note(client: FlaskClient, shop: Business) -> None:
    booking = sold.sell(shop, notes="Two small children", phone="+1 718 555 0142")
    client.get(minted(shop, booking, LinkAction.LOOK, label="Our planner"))
    page = client.get(f"/manage/{booking.reference}/look").text
    for words in ("Anna", "Ben", "The Old Mill", "Whole day", "Juniper", "Confirmed"):
        assert words in page, words
    hidden = ("couple.example", "children", "555 0142", "$", "4242", "Our planner", booking.reference + '"')
    for words in hidden:
        assert words not in page, words
    assert re.findall('<form[^>]*action="([^"]*)"', page) == [f"/manage/{booking.reference}/look/seen"]
    assert f'href="/manage/{booking.reference}/calendar.ics"' in page
    assert "BEGIN:VEVENT" in client.get(f"/manage/{booking.reference}/calendar.ics").text


def test_whoever_may_pay_sees_what_is_open_and_no_way_to_more(
    client: FlaskClient, shop: Business, booking: Sold
) -> None:
    client.get(minted(shop, booking, LinkAction.PAY, label="Mum"))
    page = client.get(f"/manage/{booking.reference}/pay").text
    assert "1,000.00" in page
    for words in ("Anna", "Ben", "The Old Mill", "couple.example", f'href="/manage/{booking.reference}"', "Mum"):
        assert words not in page, words


@pytest.mark.parametrize(("action", "page"), [(LinkAction.LOOK, "look"), (LinkAction.PAY, "pay")])
def test_the_address_of_the_booking_leads_a_shared_link_to_its_own_page(
    client: FlaskClient, shop: Business, booking: Sold, action: LinkAction, page: str
) -> None:
    client.get(minted(shop, booking, action))
    home = f"/manage/{booking.reference}"
    assert client.get(home).location == f"{home}/{page}"


@pytest.mark.parametrize("action", [each for each in LinkAction if each is not LinkAction.EMAIL])
def test_the_couple_itself_opens_each_of_them_and_finds_back(
    client: FlaskClient, shop: Business, booking: Sold, action: LinkAction
) -> None:
    client.get(minted(shop, booking, LinkAction.MANAGE))
    answer = client.get(minted(shop, booking, action), follow_redirects=True)
    home = f"/manage/{booking.reference}"
    assert answer.status_code == 200
    assert answer.request.path == home + FIRST_PAGE[action]
    assert f'href="{home}"' in answer.text or not FIRST_PAGE[action]


@pytest.mark.parametrize("column", ENDINGS)
@pytest.mark.parametrize("action", list(LinkAction))
def test_an_ended_link_says_so_shows_nothing_and_offers_what_can_be_had(
    app: Application, shop: Business, booking: Sold, action: LinkAction, column: str
) -> None:
    link, before = minted(shop, booking, action, label="Mum"), app.test_client()
    before.get(link)
    spoil(shop, column)
    home = f"/manage/{booking.reference}"
    for client, address in ((app.test_client(), link), (before, link), (before, home + FIRST_PAGE[action])):
        answer = client.get(address)
        assert answer.status_code == 410
        assert ENDINGS[column] in answer.text
        for words in (*PRIVATE, "Juniper", "Mum", "Whole day"):
            assert words not in answer.text
        assert ("Send a new link to a•••@couple.example" in answer.text) == (action in RENEWABLE)
        form = answer.text.partition('<form method="post"')[2].partition('"')[2].partition('"')[0]
        assert form == ((link if address == link else f"{home}/link") if action in RENEWABLE else "")
        assert ("whoever gave it to you" in answer.text) == (action in {LinkAction.LOOK, LinkAction.PAY})
    elsewhere = app.test_client()
    csrf, owed = csrf_of(elsewhere), rows(shop)
    answer = elsewhere.post(link, data={"csrf_token": csrf})
    assert answer.status_code == (200 if action in RENEWABLE else 410)
    assert (rows(shop) == owed) == (action not in RENEWABLE)


@pytest.mark.parametrize("action", [LinkAction.CANCEL, LinkAction.RESCHEDULE])
def test_an_ended_link_is_mailed_anew_from_the_address_of_the_booking_too(
    client: FlaskClient, shop: Business, booking: Sold, action: LinkAction
) -> None:
    client.get(minted(shop, booking, action))
    spoil(shop, "used_at")
    answer = client.post(f"/manage/{booking.reference}/link", data={"csrf_token": csrf_of(client)})
    assert (answer.status_code, "a•••@couple.example" in answer.text) == (200, True)
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM outbox WHERE kind = 'booking.link_requested'") == 1


def test_a_stranger_gets_no_new_link_from_there(app: Application, shop: Business, booking: Sold) -> None:
    client, before = app.test_client(), rows(shop)
    for reference in (booking.reference, "2345-6789"):
        answer = client.post(f"/manage/{reference}/link", data={"csrf_token": csrf_of(client)})
        assert (answer.status_code, "a•••" in answer.text) == (404, False)
    assert rows(shop) == before


def test_a_shared_link_that_was_ended_is_ended_in_the_couples_own_browser_too(
    client: FlaskClient, shop: Business, booking: Sold
) -> None:
    link = minted(shop, booking, LinkAction.LOOK)
    with database.writing(shop.id):
        database.execute("UPDATE booking_action_token SET revoked_at = now() WHERE action = 'look'")
    client.get(minted(shop, booking, LinkAction.MANAGE))
    assert client.get(link).status_code == 410


def test_a_used_link_in_a_browser_that_holds_the_booking_says_how_it_stands(
    client: FlaskClient, shop: Business, booking: Sold
) -> None:
    link = minted(shop, booking, LinkAction.CANCEL)
    confirmed(shop, booking)
    client.get(minted(shop, booking, LinkAction.MANAGE))
    answer = client.get(link, follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, f"/manage/{booking.reference}/cancel")
    assert "being cancelled already" in answer.text


def test_a_cancellation_by_its_link_uses_it_up_and_ends_on_a_page_without_data(
    client: FlaskClient, shop: Business, booking: Sold
) -> None:
    home, link = f"/manage/{booking.reference}", minted(shop, booking, LinkAction.CANCEL)
    other = minted(shop, booking, LinkAction.CANCEL, recipient="ben@couple.example")
    client.get(link)
    csrf = csrf_of(client)
    shown = client.post(f"{home}/cancel", data={"csrf_token": csrf}).location
    assert "just close this page" in client.get(shown).text
    refused = client.post(shown, data={"csrf_token": csrf})
    assert refused.status_code == 422, "without its tick"
    assert client.get(link).status_code == 302, "not used up by looking, nor by a form that came back"
    answer = client.post(shown, data={"csrf_token": csrf, "is_sure": "1", "reason": ""})
    assert (answer.status_code, answer.location) == (303, f"{home}/done")
    page = client.get(answer.location).text
    assert "You can take it back until" in page
    for words in (*PRIVATE, "Juniper"):
        assert words not in page
    for again in (link, other, f"{home}/cancel"):
        answer = client.get(again)
        assert (answer.status_code, "used up" in answer.text) == (410, True)
    twice = client.post(shown, data={"csrf_token": csrf, "is_sure": "1", "reason": ""})
    assert (twice.status_code, "used up" in twice.text) == (410, True)
    undone = client.post(f"{home}/undo", data={"csrf_token": csrf})
    assert undone.status_code == 410, "taking it back needs the link to everything"


def test_the_last_page_tells_the_same_of_a_real_and_an_invented_booking(app: Application, booking: Sold) -> None:
    client = app.test_client()
    pages_ = [client.get(f"/manage/{each}/done").text for each in (booking.reference, "2345-6789")]
    assert pages_[0] == pages_[1]


def test_a_hundred_scanners_of_each_kind_of_link_change_no_row(app: Application, shop: Business, booking: Sold) -> None:
    links = [minted(shop, booking, action) for action in LinkAction]
    ended = [minted(shop, booking, action) for action in LinkAction]
    with database.writing(shop.id):
        for link in ended:
            used = "UPDATE booking_action_token SET used_at = now() WHERE id = %s"
            database.execute(used, tokens_id(link))
    before = rows(shop)
    for number in range(100):
        scanner = app.test_client()
        for link in (*links, *ended):
            scanner.open(link, method=("HEAD", "GET")[number % 2], follow_redirects=number < 2)
    assert rows(shop) == before
    for action, link in zip(LinkAction, links, strict=True):
        answer = app.test_client().get(link)
        assert (answer.status_code, answer.location) == (302, f"/manage/{booking.reference}{FIRST_PAGE[action]}")


def tokens_id(link: str) -> object:
    with database.reading():
        return tokens.open_link(link.removeprefix("/m/"), at=time.now()).token_id


def confirmed(shop: Business, booking: Sold) -> None:
    """The couple cancels."""
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    done = cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.COUPLE, at=time.now())
    assert isinstance(done, Confirmed)


def test_a_cancellation_by_the_business_leaves_the_couples_links_alone(shop: Business, booking: Sold) -> None:
    link = minted(shop, booking, LinkAction.CANCEL)
    quote = cancel.see(shop.id, booking.booking_id, actor=Actor.OWNER, at=time.now())
    cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.OWNER, at=time.now())
    with database.reading():
        assert tokens.open_link(link.removeprefix("/m/"), at=time.now()).state == "valid"


def test_a_hold_has_links_like_any_booking(client: FlaskClient, shop: Business) -> None:
    held = couples.hold(shop)
    booking = Sold(held.booking_id, held.reference, held.checkout_id or uuid7())
    client.get(minted(shop, booking, LinkAction.LOOK))
    assert "Anna" in client.get(f"/manage/{held.reference}/look").text
