"""Asking for a taken date and where it leads: the form, the mail's link, booking what is kept, leaving."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from portal.availability import service as dates
from portal.availability import waitlist_links
from portal.db import database
from portal.devtools.stripe_emulator import StripeEmulator
from portal.kernel import time
from portal.promises.fingerprints import fingerprints
from portal.web import limits
from portal.web.application import Application
from tests.support import couples, mailroom, sold, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import Letter, letters
from tests.support.people import csrf_token
from tests.support.queues import entry, join, link, serve, statuses
from tests.support.world import Business
from tests.web.storefront import forms
from tests.web.storefront.forms import Page

LINK = re.compile(r"/w/[A-Za-z0-9_-]{43}")
MONEY = ("refund.execute",)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """Other tests have asked from the same address."""
    limits._in_process.cache_clear()


def address(shop: Business, on: date | None = None) -> str:
    return shop.url("waitlist/whole-day") + (f"?date={on}" if on else "")


def ask(client: FlaskClient, shop: Business, remote: str = "198.51.100.1", **changes: Any) -> Page:
    """Send the form."""
    fields = {
        "csrf_token": csrf_token(client, address(shop)),
        "date": in_half_a_year(shop).isoformat(),
        "name": "Zoe & Max",
        "email": f"zoe@{shop.slug}.example",
        **changes,
    }
    return Page(client.post(address(shop), data=fields, environ_base={"REMOTE_ADDR": remote}))


def free(shop: Business, booking_id: UUID) -> None:
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'cancelled' WHERE id = %s", booking_id)
    dates.release_days(shop.id, booking_id=booking_id)


def mails(shop: Business, folder: Path) -> list[Letter]:
    """What who waits was written."""
    mailroom.drain(shop.id, but=MONEY)
    return [letter for letter in letters(folder) if letter.to == f"zoe@{shop.slug}.example"]


def test_who_asks_is_written_to_and_the_link_shows_where_they_stand(
    client: FlaskClient, app: Application, shop: Business, settings: Any
) -> None:
    sold.sell(shop)
    form = client.get(address(shop, in_half_a_year(shop)))
    assert form.status_code == 200
    assert "This date is taken" in form.text
    answer = ask(client, shop)
    assert answer.status == 303
    after = client.get(answer.answer.location)
    assert "Please check your inbox." in after.text
    (letter,) = mails(shop, settings.var_dir / "mail")
    assert letter.subject.startswith("You are on the list for ")
    assert "Zoe & Max" in letter.text
    found = LINK.search(letter.text)
    assert found
    assert found[0] in letter.html
    mine = app.test_client()
    page = mine.get(mine.get(found[0]).location)
    assert "You are next in line." in page.text
    assert "Anna" not in form.text + after.text + page.text + letter.text


def test_an_address_that_is_on_the_list_already_hears_the_same(app: Application, shop: Business) -> None:
    sold.sell(shop)
    seen = []
    for _ in range(2):
        client = app.test_client()
        answer = ask(client, shop)
        seen.append((answer.status, answer.answer.location, client.get(answer.answer.location).text))
    assert seen[0] == seen[1]
    assert statuses(shop) == {"Zoe": "waiting"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", ""), ("email", "zoe"), ("email", "a@b, c@d"), ("email", "a" * 300 + "@waiting.example"),
        ("name", ""), ("name", " \u200b"), ("name", "x" * 121), ("name", "Zoe\r\nBcc: all@waiting.example"),
        ("date", ""), ("date", "2030-02-30"), ("date", "0001-01-01"), ("date", "9999-12-31"), ("date", "20300601"),
    ],
)  # fmt: skip
def test_bad_input_comes_back_with_a_word_at_its_field_and_writes_nothing(
    client: FlaskClient, shop: Business, name: str, text: str
) -> None:
    sold.sell(shop)
    answer = ask(client, shop, **{name: text})
    assert answer.status == 422
    assert answer.error(name)
    assert statuses(shop) == {}


def test_a_field_that_comes_twice_is_refused(client: FlaskClient, shop: Business) -> None:
    sold.sell(shop)
    assert ask(client, shop, email=["a@waiting.example", "b@waiting.example"]).status == 422
    assert client.get(address(shop) + "?date=2030-01-01&date=2030-01-02").status_code == 422


def test_a_date_that_is_free_leads_to_the_booking_form(client: FlaskClient, shop: Business) -> None:
    day = in_half_a_year(shop)
    book = f'href="{shop.url("book/whole-day")}?date={day}"'
    shown = client.get(address(shop, day))
    assert shown.status_code == 200
    assert book in shown.text
    sold.sell(shop, event_on=day + timedelta(days=1))
    answer = ask(client, shop)  # it was taken when the form was opened
    assert answer.status == 409
    assert book in answer.answer.text
    assert statuses(shop) == {}


def test_a_date_that_the_business_has_closed_cannot_be_asked_for(client: FlaskClient, shop: Business) -> None:
    day = in_half_a_year(shop)
    dates.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=day, at=time.now())
    assert client.get(address(shop, day)).status_code == 422
    assert ask(client, shop).error("date")
    assert statuses(shop) == {}


def test_the_taken_date_offers_free_ones_and_the_booking_form_offers_the_list(
    client: FlaskClient, shop: Business
) -> None:
    day = in_half_a_year(shop)
    sold.sell(shop)
    page = client.get(address(shop, day)).text
    assert f"date={day + timedelta(days=1)}" in page
    form = client.get(shop.url(f"book/whole-day?date={day}"))
    assert form.status_code == 409
    assert address(shop, day) in form.text


def test_one_victim_and_one_sender_are_limited(app: Application, shop: Business) -> None:
    sold.sell(shop)
    client = app.test_client()
    victim = f"victim@{shop.slug}.example"
    found = [ask(client, shop, f"198.51.100.{number}", email=victim).status for number in range(7)]
    assert found == [303] * 5 + [429] * 2
    found = [ask(client, shop, "203.0.113.7", email=f"n{n}@{shop.slug}.example").status for n in range(12)]
    assert found == [303] * 10 + [429] * 2


def test_the_same_address_is_written_to_at_most_three_times_an_hour(
    client: FlaskClient, shop: Business, settings: Any
) -> None:
    sold.sell(shop)
    for _ in range(5):
        assert ask(client, shop).status == 303
    assert len(mails(shop, settings.var_dir / "mail")) == 3


def test_the_mailed_link_books_what_is_kept(
    client: FlaskClient, app: Application, shop: Business, settings: Any, stripe: StripeEmulator
) -> None:
    booked, day = sold.sell(shop), in_half_a_year(shop)
    ask(client, shop)
    free(shop, booked.booking_id)
    mailroom.drain(shop.id, but=MONEY)
    letter = mails(shop, settings.var_dir / "mail")[-1]
    assert "is free, and kept for you" in letter.subject
    found = LINK.search(letter.text)
    assert found
    assert client.get(shop.url(f"book/whole-day?date={day}")).status_code == 409
    mine = app.test_client()
    page = mine.get(mine.get(found[0]).location)
    book = shop.url(f"book/whole-day?date={day}")
    assert f'href="{book}"' in page.text
    form = mine.get(book)
    assert form.status_code == 200
    assert "is kept for you until" in form.text
    assert f'value="zoe@{shop.slug}.example"' in form.text
    fields = forms.filled(mine, shop, date=str(day), email=f"zoe@{shop.slug}.example")
    assert forms.send(client, shop, forms.filled(client, shop, date=str(day))).status == 409
    assert forms.send(mine, shop, fields).status == 303
    assert statuses(shop) == {"Zoe": "taken"}
    assert "Everything about it is on your booking’s page" in mine.get(mine.get(found[0]).location).text


def opened(app: Application, shop: Business, entry_id: UUID) -> FlaskClient:
    """A browser that has opened the link of an entry."""
    client = app.test_client()
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    assert client.get(f"/w/{raw}").status_code == 302
    return client


def test_who_has_the_link_can_leave_and_nobody_else(app: Application, client: FlaskClient, shop: Business) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    page = shop.url(f"waiting/{entry_id}")
    token = csrf_token(client, address(shop, in_half_a_year(shop)))
    assert client.post(f"{page}/leave", data={"csrf_token": token}).status_code == 404
    assert statuses(shop) == {"Zoe": "waiting"}
    mine = opened(app, shop, entry_id)
    for _ in range(2):  # the second press is a page that says how things stand
        answer = mine.post(f"{page}/leave", data={"csrf_token": csrf_token(mine, address(shop, in_half_a_year(shop)))})
        assert answer.status_code == 303
        assert "You are not on the list any more" in mine.get(answer.location).text
    assert statuses(shop) == {"Zoe": "left"}


def test_a_stranger_gets_one_page_for_every_entry(
    client: FlaskClient, app: Application, shop: Business, rival: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    sold.sell(rival)
    theirs = opened(app, rival, join(rival))
    for visitor in (client, theirs):
        real, invented = (visitor.get(shop.url(f"waiting/{each}")) for each in (entry_id, uuid4()))
        assert real.status_code == invented.status_code == 404
        assert real.text == invented.text
    mine = opened(app, shop, entry_id)
    assert mine.get(rival.url(f"waiting/{entry_id}")).status_code == 404


def test_a_link_that_is_cut_or_invented_or_has_ended_shows_nothing(
    client: FlaskClient, app: Application, shop: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    ended = waitlist_links.mint(shop.id, entry_id, at=time.now())
    mine = opened(app, shop, entry_id)
    with database.writing(shop.id):
        database.execute(
            "UPDATE waitlist_token SET expires_at = now() - interval '1 second' WHERE token_hash <> %s", b""
        )
    answers = [client.get(f"/w/{text}") for text in (ended, raw[:-1], raw + "a", raw.swapcase(), "x" * 43)]
    assert {answer.status_code for answer in answers} == {410}
    assert shop.tenant.name not in "".join(answer.text for answer in answers)
    assert mine.get(shop.url(f"waiting/{entry_id}")).status_code == 404


def test_looking_a_hundred_times_changes_no_row(app: Application, shop: Business) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    client = app.test_client()
    before = fingerprints()
    for _ in range(50):
        for method in ("GET", "HEAD"):
            answer = client.open(f"/w/{raw}", method=method)
            assert raw not in answer.location
            client.open(answer.location, method=method)
    assert fingerprints() == before


def test_no_row_holds_the_token(client: FlaskClient, shop: Business, settings: Any) -> None:
    sold.sell(shop)
    ask(client, shop)
    (letter,) = mails(shop, settings.var_dir / "mail")
    found = LINK.search(letter.text)
    assert found
    raw = found[0].removeprefix("/w/")
    with database.reading(shop.id):
        for table in ("waitlist_entry", "waitlist_token", "message", "outbox"):
            assert not database.value(f"SELECT 1 FROM {table} t WHERE t::text LIKE %s", f"%{raw}%")


def test_an_offer_that_has_run_out_is_not_shown_as_kept(app: Application, shop: Business) -> None:
    booked = sold.sell(shop)
    entry_id = join(shop)
    free(shop, booked.booking_id)
    serve(shop)
    mine = opened(app, shop, entry_id)
    assert "Your date is free" in mine.get(shop.url(f"waiting/{entry_id}")).text
    with database.writing(shop.id):
        database.execute("UPDATE waitlist_entry SET offer_ends_at = now() - interval '1 second'")
    assert "The date has gone on to others" in mine.get(shop.url(f"waiting/{entry_id}")).text
    assert mine.get(shop.url(f"book/whole-day?date={in_half_a_year(shop)}")).status_code == 409
    assert entry(shop, entry_id).status == "offered"
    assert link(shop, entry_id)


def test_who_asks_for_a_date_that_courtesy_keeps_is_told_until_when(client: FlaskClient) -> None:
    shop = world.open_shop(courtesy_days=10)
    couples.hold(shop, is_courtesy=True)
    before = client.get(address(shop, in_half_a_year(shop))).text
    assert "If you ask for it, they have 48 hours to decide." in before
    answer = ask(client, shop)
    after = client.get(answer.answer.location).text
    assert "We have asked them to decide: they have until" in after
    assert "Anna" not in before + after
