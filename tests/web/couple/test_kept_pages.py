"""A date kept without paying, as its couple meets it: form, thanks, page, payment, giving it back."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.kernel import time
from portal.lifecycle import courtesy
from portal.web.application import Application
from tests.support.days import claims_of
from tests.support.forms import csrf_in
from tests.support.till import Till, rows, till
from tests.support.world import Business, open_shop
from tests.web.storefront import forms
from tests.web.storefront.forms import Page, filled, open_form, send

__all__ = ["till"]


@pytest.fixture
def kind_shop(connected: object) -> Business:
    return open_shop(courtesy_days=7)


def keep(client: FlaskClient, shop: Business, **changes: str) -> str:
    """Send the form; the address of the couple's page."""
    answer = send(client, shop, filled(client, shop, pay="keep", **changes))
    assert answer.status == 303, answer.text
    reference = str(answer.answer.location).rsplit("/", 1)[-1]
    assert answer.answer.location == shop.url(f"booked/{reference}")
    return f"/manage/{reference}"


def press(client: FlaskClient, page: str, address: str, **fields: str) -> tuple[int, str]:
    answer = client.post(address, data={"csrf_token": csrf_in(page), **fields})
    return answer.status_code, str(answer.location or answer.text)


def status(shop: Business) -> str:
    ((found,),) = rows(shop, "SELECT status FROM booking")
    return str(found)


def test_the_form_offers_it_where_the_business_does(app: Application, shop: Business, kind_shop: Business) -> None:
    for each, offers in ((shop, False), (kind_shop, True)):
        options = open_form(app.test_client(), each).soup.select("input[type=radio][name=pay]")
        assert ("keep" in {str(option["value"]) for option in options}) is offers


def test_the_summary_says_until_when_and_what_books_it(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    page = send(client, kind_shop, filled(client, kind_shop, pay="keep", intent="summary"))
    last_on = kind_shop.tenant.today(time.now()) + timedelta(days=7)
    summary = " ".join(page.soup.select_one("#summary").text.split())  # type: ignore[union-attr]
    assert "Due now $0.00" in summary
    assert f"To book it, until the end of {last_on:%B} {last_on.day}, {last_on.year}" in summary, summary


def test_a_date_too_near_is_not_offered_to_be_kept(app: Application, kind_shop: Business) -> None:
    soon = kind_shop.tenant.today(time.now()) + timedelta(days=1)
    client = app.test_client()
    page = open_form(client, kind_shop, f"?date={soon}")
    assert page.soup.select_one("input[value=keep]") is None
    answer = send(client, kind_shop, filled(client, kind_shop, pay="keep", date=str(soon)))
    assert (answer.status, answer.errors) == (422, {"pay"})


def test_kept_is_said_without_a_word_of_stripe(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    thanks = Page(client.get(kind_shop.url(f"booked/{home.rsplit('/', 1)[-1]}")))
    assert "We keep the date for you" in thanks.text
    assert "11:59" in thanks.text
    page = client.get(home).text
    assert "Pay $1,000.00 and book the date" in page
    assert "Give the date back" in page
    assert rows(kind_shop, "SELECT id FROM checkout") == []


def test_a_second_date_is_refused_at_the_form_with_everything_typed(app: Application, kind_shop: Business) -> None:
    keep(app.test_client(), kind_shop)
    client = app.test_client()
    later = kind_shop.tenant.today(time.now()) + timedelta(days=200)
    answer = send(client, kind_shop, filled(client, kind_shop, pay="keep", date=str(later)))
    assert answer.status == 409
    assert "is kept for this address already" in answer.alert
    assert answer.fields()["venue"] == "The Old Mill"


def test_it_is_paid_from_its_page_and_booked(app: Application, till: Till, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    page = client.get(home).text
    due = re.findall(r'name="stage" value="([0-9a-f-]+)"', page)
    code, url = press(client, page, f"{home}/pay", stage=due[0])
    assert (code, "/c/pay/" in url or "cs_test_" in url) == (303, True)
    ((until, ends),) = rows(
        kind_shop, "SELECT b.hold_expires_at, c.expires_at FROM booking b JOIN checkout c ON c.booking_id = b.id"
    )
    assert until > ends, "a session does not cut the time short"
    till.stripe.pay(re.search(r"(cs_test_\w+)", url)[1])  # type: ignore[index]
    till.deliver()
    assert status(kind_shop) == "confirmed"
    session = re.search(r"(cs_test_\w+)", url)
    assert session
    back = client.get(f"{home}/paid?session={session[1]}").text
    assert "The date is yours." in back


def test_what_is_due_cannot_be_left_out(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    page = client.get(f"{home}/pay").text
    assert page.count(" disabled") == 1
    (rest,) = rows(kind_shop, "SELECT id FROM booking_payment_stage WHERE type = 'REMAINDER'")
    code, text = press(client, page, f"{home}/pay", stage=str(rest[0]))
    assert (code, "cannot be left out" in text) == (409, True)
    assert rows(kind_shop, "SELECT id FROM checkout") == []


def test_giving_it_back_wants_a_tick_and_frees_the_date(app: Application, till: Till, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    page = client.get(f"{home}/release").text
    code, text = press(client, page, f"{home}/release")
    assert (code, "by mistake" in text, status(kind_shop)) == (422, True, "held")
    assert press(client, page, f"{home}/release", is_sure="1") == (303, home)
    assert (status(kind_shop), claims_of(kind_shop)) == ("cancelled", {})
    assert "You gave the date back" in client.get(home).text
    code, text = press(client, page, f"{home}/release", is_sure="1")
    assert (code, "given back already" in text) == (409, True)
    assert "given back already" in client.get(f"{home}/release").text


def test_a_challenge_is_told_on_the_page(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    ((booking_id,),) = rows(kind_shop, "SELECT id FROM booking")
    courtesy.challenge(kind_shop.id, booking_id, at=time.now())
    page = client.get(home).text
    assert "Somebody else would like your date" in page
    assert "Somebody else asked for the date" in page


def test_the_form_goes_on_to_the_payment_and_the_date_stays_kept(
    app: Application, till: Till, kind_shop: Business
) -> None:
    client = app.test_client()
    keep(client, kind_shop)
    ((until,),) = rows(kind_shop, "SELECT hold_expires_at FROM booking")
    assert "We hold" in open_form(client, kind_shop).text
    first = send(client, kind_shop, filled(client, kind_shop, pay="deposit"))
    again = send(client, kind_shop, filled(client, kind_shop, pay="deposit"))
    assert first.answer.location == again.answer.location, "the same session, not another one"
    assert "cs_test_" in str(first.answer.location)
    assert rows(kind_shop, "SELECT status, is_courtesy, hold_expires_at FROM booking") == [("held", True, until)]
    kept = send(client, kind_shop, filled(client, kind_shop, pay="keep"))
    assert "/booked/" in str(kept.answer.location)


def test_too_many_kept_dates_from_one_sender(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    fields = filled(client, kind_shop, pay="keep", date="2020-01-01")
    answers = [forms.send(client, kind_shop, {**fields, "date": str(day(kind_shop, n))}) for n in range(7)]
    assert answers[-1].status == 429
    assert answers[-1].fields()["venue"] == "The Old Mill"
    with database.reading(kind_shop.id):
        assert database.value("SELECT count(*) FROM booking") == 1


def day(shop: Business, number: int) -> object:
    return shop.tenant.today(time.now()) + timedelta(days=100 + number)


def test_a_moment_after_its_end_it_is_no_longer_offered_to_be_paid(app: Application, kind_shop: Business) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    before = client.get(home).text
    with database.writing(kind_shop.id):
        database.execute("UPDATE booking SET hold_expires_at = now(), courtesy_until = now()")
    assert "The time to pay ran out" in client.get(home).text
    assert "The hold on this date has ended" in client.get(f"{home}/pay").text
    due = rows(kind_shop, "SELECT id FROM booking_payment_stage WHERE type = 'DEPOSIT'")
    code, text = press(client, before, f"{home}/pay", stage=str(due[0][0]))
    assert (code, "The hold on this date has ended" in text) == (409, True)


def test_without_stripe_the_date_stays_kept_and_the_payment_can_be_tried_again(
    app: Application, till: Till, kind_shop: Business
) -> None:
    client = app.test_client()
    home = keep(client, kind_shop)
    till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=99)
    answer = send(client, kind_shop, filled(client, kind_shop, pay="deposit"))
    assert answer.status == 503
    assert "11:59" in answer.text
    till.stripe.clear_faults()
    code, url = press(client, answer.answer.get_data(as_text=True), kind_shop.url(f"held/{home.rsplit('/', 1)[-1]}"))
    assert (code, url) == (303, f"{home}/pay")
