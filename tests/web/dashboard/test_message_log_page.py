"""All messages of a business in one list, and its addresses that take no mail: found, sent again, corrected."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal import settings
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.messages import planning, service, stopped
from portal.messages.listing import Cursor, Filters, Shown, listing
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.messages.stopped import Reason
from portal.web import limits, words
from portal.web.application import Application
from tests.support import queues, sold
from tests.support.forms import csrf_of
from tests.support.people import logged_in, person
from tests.support.sold import Sold
from tests.support.world import Business

ANNA = "anna@couple.example"


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    return logged_in(app, person(shop.id))


def write(shop: Business, booking: Sold, *slots: str, to: str = ANNA, failure: str = "") -> list[Any]:
    """Messages to an address, all of which have failed if there is a failure."""
    addressed = [Addressed(to, Audience.COUPLE)]
    made = [
        service.owe(shop.id, booking.booking_id, MessageKind.MANAGE_LINK, slot=slot, to=addressed, at=time.now())[0]
        for slot in slots
    ]
    for each in made:
        if failure:
            service.record_failed(shop.id, each, failure=failure)
    return made


def found(shop: Business, search: str = "", **filters: Any) -> list[str]:
    with database.reading(shop.id):
        return [row.recipient for row in listing(shop.id, Filters(search=search, **filters)).rows]


def post(client: FlaskClient, address: str, **fields: str) -> Any:
    return client.post(address, data={"csrf_token": csrf_of(client), **fields})


def test_it_is_searched_by_address_by_couple_and_by_reference(shop: Business, booking: Sold) -> None:
    write(shop, booking, "a", to="100%_sure@couple.example")
    write(shop, booking, "b", to="other@couple.example")
    assert found(shop, "100%_") == ["100%_sure@couple.example"]
    assert found(shop, "OTHER@couple") == ["other@couple.example"]
    assert len(found(shop, booking.reference)) == len(found(shop, "Anna")) == 2
    assert found(shop, "%") == found(shop, "nobody") == found(shop, "\\") == []


def test_it_is_filtered_by_state_and_kind(shop: Business, booking: Sold) -> None:
    write(shop, booking, "a", to="failed@couple.example", failure="no")
    write(shop, booking, "b", to="due@couple.example")
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    assert found(shop, shown=Shown.FAILED) == ["failed@couple.example"]
    assert found(shop, shown=Shown.ON_ITS_WAY) == ["due@couple.example"]
    assert len(found(shop)) == 2
    with database.reading(shop.id):
        coming = [row.at for row in listing(shop.id, Filters(shown=Shown.COMING), limit=100).rows]
    assert coming == sorted(coming) != []
    assert found(shop, kind=MessageKind.CONFIRMATION) == []


def test_pages_by_key_show_each_once_and_stay_put(shop: Business, booking: Sold) -> None:
    ids = write(shop, booking, *"abcdefg")
    seen, after = [], None
    with database.reading(shop.id):
        while True:
            page = listing(shop.id, Filters(), after=after, limit=3)
            seen += [row.id for row in page.rows]
            if page.next is None:
                break
            after = Cursor.parse(str(page.next))
    assert seen == ids[::-1]
    assert page.count == 7


@pytest.mark.parametrize(
    "cursor", ["x", "", "1_", "9" * 18 + "_" + "0" * 32, "-1_" + "0" * 32, "١_" + "0" * 32, "1e9_1"]
)
def test_a_position_that_is_none_begins_the_list_anew(owner: FlaskClient, shop: Business, cursor: str) -> None:
    answer = owner.get(f"/dashboard/{shop.slug}/messages", query_string={"after": cursor, "kind": "x", "shown": "x"})
    assert (answer.status_code, "No messages yet" in answer.text) == (200, True)


def test_another_business_sees_none_of_it(shop: Business, rival: Business, booking: Sold) -> None:
    write(shop, booking, "a")
    assert found(rival) == []


def test_a_failed_one_is_sent_once_more_and_the_list_stays_as_it_was_filtered(
    owner: FlaskClient, shop: Business, booking: Sold
) -> None:
    (message_id,) = write(shop, booking, "a", failure="inactive")
    home = f"/dashboard/{shop.slug}/messages"
    page = owner.get(f"{home}?shown=failed&q=anna").text
    action = re.search(rf'action="({home}/{message_id}/retry[^"]*)"', page)
    assert action
    assert "inactive" in page
    answer = post(owner, action[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.location) == (303, f"{home}?q=anna&shown=failed")
    assert found(shop, shown=Shown.ON_ITS_WAY) == [ANNA]
    post(owner, f"{home}/{message_id}/retry")
    assert "has not failed" in owner.get(home).text
    assert post(owner, f"{home}/{uuid7()}/retry").status_code == 404


def test_what_a_waiting_list_or_the_business_itself_was_sent_is_listed_too(
    owner: FlaskClient, shop: Business, booking: Sold
) -> None:
    entry_id = queues.join(shop)
    to = [Addressed("zoe@waiting.example", Audience.COUPLE)]
    service.owe(shop.id, entry_id, MessageKind.WAITLIST_JOINED, slot="a", to=to, at=time.now())
    to = [Addressed("hello@juniper.example", Audience.OWNER)]
    service.owe(shop.id, shop.id, MessageKind.FREE_DATES, slot="a", to=to, at=time.now())
    page = owner.get(f"/dashboard/{shop.slug}/messages").text
    assert "Place on a waiting list" in page
    assert "Your free Saturdays" in page


def test_every_kind_of_message_has_a_word() -> None:
    assert set(words.MESSAGE) == set(MessageKind)


def test_an_address_that_takes_no_mail_is_told_and_works_again(
    owner: FlaskClient, shop: Business, booking: Sold
) -> None:
    stopped.stop(shop.id, ANNA, Reason.BOUNCED, at=time.now() - timedelta(minutes=1))
    write(shop, booking, "a", failure=stopped.SENTENCE)
    home, page = f"/dashboard/{shop.slug}", f"/dashboard/{shop.slug}/bookings/{booking.reference}"
    assert "We no longer write to" in owner.get(page).text
    listed = owner.get(f"{home}/messages").text
    assert stopped.SENTENCE in listed
    action = re.search(r'action="([^"]+/works[^"]*)"', owner.get(page).text)
    assert action
    answer = post(owner, action[1])
    assert (answer.status_code, answer.location) == (303, page)
    assert "We no longer write to" not in owner.get(page).text
    assert post(owner, action[1]).status_code == 303
    assert "written to as usual" in owner.get(page).text
    assert post(owner, action[1].split("?")[0] + "?booking=//evil").location == f"{home}/messages"


def test_the_address_is_corrected_by_asking_the_new_one(owner: FlaskClient, shop: Business, booking: Sold) -> None:
    page = f"/dashboard/{shop.slug}/bookings/{booking.reference}"
    assert post(owner, f"{page}/address", which="first", email="anne@couple.example").location == page
    with database.reading(shop.id):
        change = database.row("SELECT old_address, new_address, confirmed_at FROM email_change")
        event = database.row("SELECT actor, actor_user_id FROM booking_event WHERE kind = 'email_asked'")
        assert database.value("SELECT email FROM customer") == ANNA
    assert tuple(change) == (ANNA, "anne@couple.example", None)  # type: ignore[arg-type]
    assert event is not None
    assert (event.actor, event.actor_user_id is not None) == ("owner", True)
    assert "anne@couple.example" in owner.get(page).text  # which says so once
    assert "anne@couple.example" not in owner.get(page).text


@pytest.mark.parametrize(
    ("email", "which"),
    [
        ("", "first"),
        ("a@b", "first"),
        (ANNA, "first"),
        ("a@couple.example, b@couple.example", "first"),
        (f"{'a' * 320}@couple.example", "first"),
        ("anne@couple.example", "third"),
        ("anne@couple.example", ""),
    ],
)
def test_what_cannot_be_an_address_is_told_at_its_field(
    owner: FlaskClient, shop: Business, booking: Sold, email: str, which: str
) -> None:
    field = "email" if which == "first" else "which"
    answer = post(owner, f"/dashboard/{shop.slug}/bookings/{booking.reference}/address", which=which, email=email)
    assert (answer.status_code, f'id="f-{field}-error"' in answer.text) == (422, True)


def test_nobody_is_buried_in_questions(owner: FlaskClient, shop: Business, booking: Sold) -> None:
    address = f"/dashboard/{shop.slug}/bookings/{booking.reference}/address"
    email = f"{uuid7().hex}@couple.example"
    limits._in_process.cache_clear()
    assert [post(owner, address, which="first", email=email).status_code for _ in range(4)] == [303, 303, 303, 429]


def test_a_viewer_looks_and_changes_nothing(app: Application, shop: Business, booking: Sold) -> None:
    viewer = logged_in(app, person(shop.id, Role.VIEWER))
    (message_id,) = write(shop, booking, "a", failure="inactive")
    stopped.stop(shop.id, ANNA, Reason.BOUNCED, at=time.now())
    with database.reading(shop.id):
        stopped_id = stopped.listed(shop.id)[0].id
    home = f"/dashboard/{shop.slug}"
    page = viewer.get(f"{home}/messages").text
    assert "inactive" in page
    assert "/retry" not in page
    assert "/works" not in page
    for address in (
        f"{home}/messages/{message_id}/retry",
        f"{home}/messages/addresses/{stopped_id}/works",
        f"{home}/bookings/{booking.reference}/address",
    ):
        assert post(viewer, address, which="first", email="x@couple.example").status_code == 404
    assert found(shop, shown=Shown.FAILED) == [ANNA]
    assert "Your role lets you look" in viewer.get(f"{home}/bookings/{booking.reference}/address").text


def test_where_reminders_are_switched_off_the_page_says_so(
    owner: FlaskClient, shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = settings.current()
    off = replace(now, features=replace(now.features, reminders=False))
    monkeypatch.setattr(settings, "current", lambda: off)
    assert "Reminders are switched off" in owner.get(f"/dashboard/{shop.slug}/messages").text
