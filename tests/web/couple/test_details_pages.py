"""The couple changes details and add-ons in its browser, without JavaScript: what is typed, saved and refused."""

import pytest
from flask.testing import FlaskClient

from portal.bookings import queries
from portal.catalog import service as catalog
from portal.db import database
from portal.tenants import service as tenants
from portal.web.application import Application
from tests.support import leaving, sold
from tests.support.forms import csrf_in
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.world import Business
from tests.web.couple.changing import Couple, typed


@pytest.fixture
def couple(app: Application, client: FlaskClient, shop: Business, booking: Sold) -> Couple:
    return Couple(app, client, shop, booking)


def test_what_is_written_is_saved_at_once_and_told(couple: Couple) -> None:
    answer = couple.save(venue="The Barn", guest_count="", notes="Two\r\nsurprises.")
    assert (answer.status_code, answer.location) == (303, couple.home)
    found = couple.now
    assert (found.venue, found.guest_count, found.notes) == ("The Barn", None, "Two\nsurprises.")
    page = couple.get()
    details = f'href="{couple.home}/details"'
    for words in ("Details were changed", "The Old Mill → The Barn", "Guests: 80 → –", details):
        assert words in page
    entry = couple.get("/calendar.ics")
    assert "LOCATION:The Barn" in entry
    assert f"SEQUENCE:{found.version - 1}" in entry


def test_the_form_shows_what_is_there(couple: Couple) -> None:
    assert typed(couple.form, seen="") == {
        "first_partner": "Anna Smith", "second_partner": "Ben Jones", "phone": "+44 20 7946 0958",
        "venue": "The Old Mill", "guest_count": "80", "notes": "Two small children.", "seen": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [("first_partner", ""), ("second_partner", "\u200b"), ("phone", "1" * 41), ("venue", "\u202egnp.exe"),
     ("venue", "a\nb"), ("guest_count", "-1"), ("guest_count", "８０"), ("guest_count", "0"), ("guest_count", "1e2"),
     ("notes", "x" * 2_001)],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_at_its_field_and_nothing_is_saved(couple: Couple, name: str, text: str) -> None:
    before = couple.now
    answer = couple.save(**{"venue": "The Barn", name: text})
    assert answer.status_code == 422
    assert f'id="f-{name}-error"' in answer.text
    if name != "venue":
        assert 'value="The Barn"' in answer.text, "what else was typed stays"
    assert couple.now == before


def test_strange_but_honest_texts_are_kept_and_shown_harmless(couple: Couple) -> None:
    text = "<script>alert(1)</script> {{7*7}} %s%n =1+1 👩‍❤️‍👨 Z̆ö́"
    assert couple.save(venue=text, first_partner=text, notes=text).status_code == 303
    assert couple.now.venue.startswith("<script>alert(1)</script> {{7*7}} %s%n =1+1 👩‍❤️‍👨")
    for path in ("", "/details"):
        page = couple.get(path)
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


def test_somebody_elses_change_is_shown_and_not_written_over(couple: Couple) -> None:
    Couple(couple.app, couple.app.test_client(), couple.shop, couple.booking).save(venue="The Barn")
    answer = couple.save(venue="The Castle")
    assert answer.status_code == 409
    assert "It says now: The Barn" in answer.text
    assert 'value="The Castle"' in answer.text
    assert couple.now.venue == "The Barn"
    assert couple.save(answer.text).status_code == 303
    assert couple.now.venue == "The Castle"


def test_sent_several_times_it_is_saved_once(couple: Couple) -> None:
    for _ in range(5):
        assert couple.save(venue="The Barn").status_code == 303
    with database.reading(couple.shop.id):
        timeline = queries.timeline(couple.shop.id, couple.booking.booking_id)
    assert [entry.kind for entry in timeline].count("details_changed") == 1


def test_add_ons_are_shown_before_they_are_changed(couple: Couple) -> None:
    assert "$300.00 for one more" in couple.form
    answer = couple.see("2")
    assert answer.status_code == 303
    page = couple.get(answer.location)
    for words in ("$600.00 more", "Album × 2", "$2,600.00", "Nothing is charged now"):
        assert words in page
    assert couple.now.total_cents == 200_000
    done = couple.post(answer.location)
    assert (done.status_code, done.location) == (303, couple.home)
    page = couple.get()
    assert "$1,600.00" in page
    assert "Album: 0 → 2" in page
    again = couple.post(answer.location)
    assert again.status_code == 409
    assert "Nothing was done twice" in again.text
    assert couple.now.total_cents == 260_000


@pytest.mark.parametrize("count", ["-1", "4", "１", "1.5", "NaN", "9" * 50])
def test_a_number_that_cannot_be_had_is_told_at_its_field(couple: Couple, count: str) -> None:
    answer = couple.see(count)
    assert answer.status_code == 422
    assert f'id="f-{couple.album}-error"' in answer.text
    assert leaving.quotes(couple.shop) == []


def test_nothing_to_change_and_unknown_add_ons_are_said(couple: Couple, rival: Business) -> None:
    answer = couple.see("0")
    assert answer.status_code == 422
    assert "as they are" in answer.text
    answer = couple.post("/add-ons", **{f"add_on_{rival.add_ons['Album']}": "1"})
    assert answer.status_code == 422
    assert "not offered any more" in answer.text


def test_a_price_that_changed_meanwhile_is_shown_anew(couple: Couple) -> None:
    address = couple.see("1").location
    catalog.change_add_on(couple.shop.id, couple.shop.add_ons["Album"], price_cents=35_000)
    answer = couple.post(address)
    assert answer.status_code == 409
    assert "$350.00 more" in answer.text
    assert couple.now.total_cents == 200_000


def test_after_the_last_day_the_page_says_so(couple: Couple) -> None:
    address = couple.see("1").location
    tenants.change_tenant(couple.shop.id, details_cutoff_days=183)
    with database.writing(couple.shop.id):
        database.execute("UPDATE booking SET created_at = created_at - interval '9 days'")
    page = couple.get("/details")
    assert "Add-ons could be changed until" in page
    assert "/add-ons" not in page
    for answer in (couple.see("1"), couple.post(address)):
        assert answer.status_code == 409
        assert "could be changed until" in answer.text
    assert couple.save(venue="The Barn").status_code == 303, "the rest can still be changed"
    assert couple.now.total_cents == 200_000


def test_where_add_ons_never_could_be_changed_no_day_is_named(couple: Couple) -> None:
    tenants.change_tenant(couple.shop.id, details_cutoff_days=1_000)
    page = couple.get("/details")
    assert "Please write to us if something about the add-ons" in page
    assert "/add-ons" not in page


def test_what_is_being_cancelled_says_how_it_stands(couple: Couple) -> None:
    address = couple.see("1").location
    leaving.cancelling(couple.shop, couple.booking)
    for answer in (couple.save(venue="The Barn"), couple.see("1"), couple.post(address)):
        assert answer.status_code == 409
        assert "being cancelled" in answer.text


def test_a_stranger_and_the_couple_of_another_booking_change_nothing(couple: Couple, rival: Business) -> None:
    quote, before = couple.see("1").location, couple.now
    other = Couple(couple.app, couple.app.test_client(), rival, sold.sell(rival))
    for visitor in (couple.app.test_client(), other.client):
        page = visitor.get(f"{couple.home}/details")
        assert page.status_code == 404
        assert "Anna" not in page.text
        assert visitor.get(quote).status_code == 404
        data = {"csrf_token": csrf_in(page.text), **typed(couple.form)}
        paths = ("details", "add-ons", "address", "address/remove", "address/forget", "new-address")
        for address in (quote, *(f"{couple.home}/{path}" for path in paths)):
            assert visitor.post(address, data=data).status_code == 404
    assert couple.now == before


def test_the_pages_ask_little(couple: Couple) -> None:
    for address in (f"{couple.home}/details", couple.see("1").location):
        with statements() as sent:
            assert couple.client.get(address).status_code == 200
        assert len(sent) <= 6, sent
