"""What bad input gets: a clear message at its field, everything else kept, nothing written; never a 500."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from portal.availability import service as availability
from portal.catalog import service as catalog
from portal.db import database
from portal.devtools.stripe_emulator import StripeEmulator
from portal.kernel import time
from tests.support import couples
from tests.support.couples import in_half_a_year
from tests.support.world import Business
from tests.web.storefront.forms import Page, filled, open_form, send

WRITTEN = ("customer", "booking", "booking_line", "checkout", "date_claim", "booking_action_token", "outbox")


def written(shop: Business) -> int:
    """How many rows a tenant has where a booking writes."""
    with database.reading(shop.id):
        return sum(database.value(f"SELECT count(*) FROM {table}") for table in WRITTEN)


def refused(client: FlaskClient, shop: Business, **changes: Any) -> Page:
    """Send a form with these faults in it: 422, everything else kept, nothing written."""
    before = written(shop)
    page = send(client, shop, filled(client, shop, **changes))
    assert page.status == 422, page.text
    assert written(shop) == before
    kept = page.fields()
    for name, value in {"first_partner": "Anna Smith", "venue": "The Old Mill", "notes": "Two small children."}.items():
        assert name in changes or kept[name] == value
    return page


def test_an_empty_form_has_a_message_at_every_field_that_must_be_filled_in(client: FlaskClient, shop: Business) -> None:
    token, nonce = (open_form(client, shop).fields()[name] for name in ("csrf_token", "nonce"))
    page = send(client, shop, {"csrf_token": token, "nonce": nonce})
    assert page.status == 422
    assert page.errors == {"date", "first_partner", "second_partner", "email", "pay", "terms"}
    assert written(shop) == 0
    assert send(client, shop, {"csrf_token": token}).status == 422


@pytest.mark.parametrize(
    "text",
    [
        "2030-02-29", "0001-01-01", "9999-12-31", "10000-01-01", "infinity", "20300601", "2030-W22-6", "NaN",
        "２０３０-０６-０１", "٢٠٣٠-٠٦-٠١", "06/07/2030", "2030-06-01\n", " 2030-06-01", "2030-6-1", "-2030-06-01",
        "2030-06-01T00:00", "1e3", "tomorrow", "\0", "2030-06-01'--", "0000-00-00", "9" * 9_999,
    ],
)  # fmt: skip
def test_what_is_no_date_that_can_be_booked(client: FlaskClient, shop: Business, text: str) -> None:
    assert refused(client, shop, date=text).errors == {"date"}
    answer = client.get(shop.url("book/whole-day"), query_string={"date": text})
    assert answer.status_code == 422 if "\0" not in text else 400
    assert "\0" in text or Page(answer).errors == {"date"}


def test_yesterday_where_the_business_is_cannot_be_booked_and_three_years_ahead_can(
    client: FlaskClient, shop: Business
) -> None:
    today = shop.tenant.today(time.now())
    assert refused(client, shop, date=str(today - timedelta(days=1))).errors == {"date"}
    furthest = today.replace(year=today.year + 3) if (today.month, today.day) != (2, 29) else today
    assert refused(client, shop, date=str(furthest + timedelta(days=1))).errors == {"date"}
    assert open_form(client, shop, f"?date={furthest}").errors == set()


def test_a_date_that_is_taken_is_a_conflict_with_free_dates_near_it(client: FlaskClient, shop: Business) -> None:
    couples.hold(shop)
    before = written(shop)
    page = send(client, shop, filled(client, shop))
    assert page.status == 409
    assert "Nothing was charged" in (page.error("date") or "")
    assert page.fields()["first_partner"] == "Anna Smith"
    offered = [str(button["value"]) for button in page.soup.find_all("button", {"name": "pick"})]
    assert len(offered) == 5
    assert {str(in_half_a_year(shop, plus=n)) for n in (-1, 1)} <= set(offered)
    picked = send(client, shop, {**page.fields(), "pick": offered[0]})
    assert (picked.status, picked.fields()["date"], picked.errors) == (200, offered[0], set())
    assert picked.fields()["email"] == "anna@couple.example"
    assert written(shop) == before


def test_a_taken_date_in_the_address_is_told_before_anything_is_typed(client: FlaskClient, shop: Business) -> None:
    couples.hold(shop)
    page = open_form(client, shop, f"?date={in_half_a_year(shop)}")
    assert (page.status, page.errors) == (409, {"date"})
    assert page.soup.find("button", {"name": "pick"})


def test_a_blacked_out_date_is_a_conflict(client: FlaskClient, shop: Business) -> None:
    day = in_half_a_year(shop)
    availability.black_out(shop.id, resource_id=shop.resource_id, first_on=day, last_on=day, at=time.now())
    assert send(client, shop, filled(client, shop)).status == 409


@pytest.mark.parametrize(
    "text", ["-1", "4", "1.5", "1e1", "９", "NaN", "0x1", "999999999999", "9" * 9_999, "one", "+1"]
)
def test_a_quantity_is_a_small_whole_number(client: FlaskClient, shop: Business, text: str) -> None:
    album = f"add_on_{shop.add_ons['Album']}"
    page = refused(client, shop, **{album: text})
    assert page.errors == {album}
    assert page.fields()[album] == text


def test_add_ons_of_others_and_of_yesterday_are_refused(client: FlaskClient, shop: Business, rival: Business) -> None:
    assert "not offered" in refused(client, shop, **{f"add_on_{rival.add_ons['Album']}": "1"}).alert
    assert "not offered" in refused(client, shop, **{f"add_on_{uuid4()}": "1"}).alert
    assert "not offered" in refused(client, shop, **{"add_on_' OR 1=1": "1"}).alert
    fields = filled(client, shop, **{f"add_on_{shop.add_ons['Album']}": "1"})
    catalog.change_add_on(shop.id, shop.add_ons["Album"], is_active=False)
    assert send(client, shop, fields).status == 422


@pytest.mark.parametrize("text", ["0", "-5", "1e9", "８０", "12345678901234567890", "10001", "NaN"])
def test_guests_are_counted_in_plain_digits(client: FlaskClient, shop: Business, text: str) -> None:
    assert refused(client, shop, guest_count=text).errors == {"guest_count"}


def test_a_package_takes_no_more_guests_than_it_can(client: FlaskClient, shop: Business) -> None:
    catalog.change_package(shop.id, shop.packages["whole-day"], max_guests=60)
    page = refused(client, shop, guest_count="61")
    assert "at most 60 guests" in (page.error("guest_count") or "")


@pytest.mark.parametrize(
    "text",
    ["a@b", "anna", '"a b"@x.com', "a" * 310 + "@x.com", "a@x.com,b@x.com", "a@gmаil.com", "a@x.com\r\nBcc: c@x.com"],
)
def test_an_address_that_cannot_exist(client: FlaskClient, shop: Business, text: str) -> None:
    assert refused(client, shop, email=text).errors == {"email"}
    assert refused(client, shop, second_email=text).errors == {"second_email"}


@pytest.mark.parametrize(
    "text",
    ["a\0b", "a\x1bb", "line\nbreak", "\u202egnp.exe", "\u200b\u200d", "a\u2066b", "x" * 10_000, "a\rb", "   "],
)
def test_text_that_hides_forges_or_never_ends(client: FlaskClient, shop: Business, text: str) -> None:
    assert refused(client, shop, first_partner=text).errors == {"first_partner"}


def test_long_notes_are_refused_with_their_length(client: FlaskClient, shop: Business) -> None:
    page = refused(client, shop, notes="x" * 10_000)
    assert "10000" in (page.error("notes") or "").replace(",", "")


def test_strange_but_honest_text_is_taken_as_it_is(client: FlaskClient, shop: Business, stripe: StripeEmulator) -> None:
    odd = {
        "first_partner": "Zoë <script>alert(1)</script> {{7*7}}",
        "second_partner": "%s%n O’Brien 👩‍🍳",
        "venue": "=cmd|'/c calc'!A0",
        "notes": "Line one\r\nline two\n\n<b>bold</b> javascript:alert(1)",
    }
    assert send(client, shop, filled(client, shop, **odd)).status == 303
    with database.reading(shop.id):
        row = database.row("SELECT couple, venue, notes FROM booking")
    assert row is not None
    assert row.couple == "Zoë <script>alert(1)</script> {{7*7}} & %s%n O’Brien 👩‍🍳"
    assert row.notes == "Line one\nline two\n\n<b>bold</b> javascript:alert(1)"
    again = open_form(client, shop)
    assert again.soup.find("script", string="alert(1)") is None
    assert again.fields()["first_partner"] == odd["first_partner"]


def test_fields_that_are_not_ours_do_not_exist(
    client: FlaskClient, shop: Business, rival: Business, stripe: StripeEmulator
) -> None:
    forged = {
        "status": "confirmed", "tenant_id": str(rival.id), "total_cents": "1", "price": "0", "currency": "JPY",
        "deposit_percent": "1", "hold_expires_at": "2099-01-01", "package_id": str(uuid4()), "id": str(uuid4()),
    }  # fmt: skip
    assert send(client, shop, filled(client, shop, **forged)).status == 303
    with database.reading(shop.id):
        row = database.row("SELECT status, total_cents, currency, deposit_percent FROM booking")
    assert row == ("held", 200_000, "USD", 50)
    assert written(rival) == 0


@pytest.mark.parametrize("name", ["date", "email", "first_partner", "pay", "nonce", "terms", "intent", "offer"])
def test_a_field_that_comes_twice_is_refused(client: FlaskClient, shop: Business, name: str) -> None:
    fields: MultiDict[str, str] = MultiDict(filled(client, shop))
    fields.setlist(name, [fields.get(name, "")] * 2)
    answer = client.post(shop.url("book/whole-day"), data=fields)
    assert answer.status_code == 422
    assert written(shop) == 0


def test_two_dates_in_the_address_are_refused(client: FlaskClient, shop: Business) -> None:
    assert open_form(client, shop, "?date=2030-06-01&date=2030-06-02").status == 422


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not-a-nonce",
        "0" * 32,
        pytest.param("{" + str(uuid4()) + "}", id="in brackets"),
        pytest.param(str(uuid4()).upper(), id="in capitals"),
    ],
)
def test_a_form_without_its_nonce_gets_a_new_one(client: FlaskClient, shop: Business, text: str) -> None:
    page = refused(client, shop, nonce=text)
    assert page.fields()["nonce"] not in {"", text}


def test_a_price_that_has_changed_is_shown_before_anything_is_booked(client: FlaskClient, shop: Business) -> None:
    fields = filled(client, shop)
    catalog.change_package(shop.id, shop.packages["whole-day"], base_price_cents=250_000)
    page = send(client, shop, fields)
    assert page.status == 409
    assert "$2,500.00" in page.text
    assert "offer has changed" in page.alert
    assert written(shop) == 0
    assert page.fields()["offer"] != fields["offer"]


def test_a_deposit_where_the_whole_price_is_due_is_refused(client: FlaskClient, shop: Business) -> None:
    soon = shop.tenant.today(time.now()) + timedelta(days=10)
    page = refused(client, shop, date=str(soon))
    assert page.errors == {"pay"}
    assert page.fields()["pay"] == "full"


def test_without_the_forms_token_nothing_happens(client: FlaskClient, shop: Business) -> None:
    fields = filled(client, shop)
    assert send(client, shop, {**fields, "csrf_token": "forged"}).status == 400
    assert send(client, shop, {**fields, "csrf_token": ""}).status == 400
    assert written(shop) == 0


@pytest.mark.parametrize("body", ["[]", "{}", '{"date": true}', "null"])
def test_json_is_no_form(client: FlaskClient, shop: Business, body: str) -> None:
    answer = client.post(shop.url("book/whole-day"), data=body, content_type="application/json")
    assert answer.status_code in {400, 415, 422}
    assert written(shop) == 0


def test_bytes_that_are_no_text_are_no_500(client: FlaskClient, shop: Business) -> None:
    token = open_form(client, shop).fields()["csrf_token"]
    body = f"csrf_token={token}&first_partner=%ff%fe%00&date=%f0%28%8c%28&add_on_%00=%00&pay=%c3%28".encode()
    answer = client.post(
        shop.url("book/whole-day"), data=body, content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    assert answer.status_code == 400
    assert client.get(shop.url("book/whole-day?date=%ff%00")).status_code == 400
    assert client.get(shop.url("book/%00")).status_code == 400
    assert written(shop) == 0
