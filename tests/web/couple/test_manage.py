"""The couple's page, in every state of their booking, and to strangers."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.web.application import Application
from tests.support import couples, sold
from tests.support.people import csrf_token
from tests.support.sold import Sold
from tests.support.statements import statements
from tests.support.world import Business
from tests.web.couple.conftest import link_to

Page = Callable[[], str]
CANCELLATION = (
    "cancel_requested_at = now(), cancel_undo_until = now() + interval '1 hour', cancel_actor = 'couple',"
    " cancel_refund_cents = 0"
)


def state(shop: Business, booking: Sold, changes: str) -> None:
    """Put the booking into a state, whatever led to it."""
    with database.writing(shop.id):
        database.execute(f"UPDATE booking SET {changes} WHERE id = %s", booking.booking_id)


def test_it_tells_the_day_the_price_what_was_paid_and_what_is_due(shop: Business, booking: Sold, opened: Page) -> None:
    page, event_on = opened(), couples.in_half_a_year(shop)
    due_on = event_on - timedelta(days=30)
    for words in (
        "Anna Smith",
        "Ben Jones",
        f"{event_on:%A, %B} {event_on.day}, {event_on.year}",
        "Whole day",
        "The Old Mill",
        "Two small children.",
        booking.reference,
        "$2,000.00",
        "card ending in 4242",
        f"Due on {due_on:%B} {due_on.day}, {due_on.year}",
        "The booking was confirmed",
        "The date was held",
        "hello@juniper.example",
        f"/manage/{booking.reference}/calendar.ics",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ("status = 'completed'", "The day has passed."),
        (f"status = 'cancelling', {CANCELLATION}", "The date is still yours until that is final"),
        ("status = 'cancelled'", "This booking was cancelled."),
        ("status = 'expired'", "no payment came"),
        ("needs_review = true, review_reason = 'payment_mismatch: amount'", "needs a closer look"),
    ],
)
def test_each_state_is_said_in_plain_words(
    shop: Business, booking: Sold, opened: Page, changes: str, words: str
) -> None:
    state(shop, booking, changes)
    page = opened()
    assert words in page
    assert "payment_mismatch" not in page


def test_what_is_no_longer_owed_is_not_asked_for(shop: Business, booking: Sold, opened: Page) -> None:
    assert "Still to be paid" in opened()
    for changes in (f"status = 'cancelling', {CANCELLATION}", "status = 'cancelled'"):
        state(shop, booking, changes)
        assert "Still to be paid" not in opened()


def test_a_held_date_leads_on_to_the_payment(client: FlaskClient, shop: Business) -> None:
    held = couples.hold(shop)
    raw = tokens.mint(shop.id, held.booking_id, action=LinkAction.BROWSER, at=time.now()).raw
    page = client.get(f"/m/{raw}", follow_redirects=True).text
    assert "Go on to the payment" in page
    assert f'action="/t/{shop.slug}/held/{held.reference}"' in page


def test_money_on_its_way_is_not_asked_for_again(client: FlaskClient, shop: Business) -> None:
    held = couples.hold(shop)
    with database.writing(shop.id):
        database.execute("UPDATE checkout SET status = 'processing' WHERE id = %s", held.checkout_id)
    raw = tokens.mint(shop.id, held.booking_id, action=LinkAction.BROWSER, at=time.now()).raw
    page = client.get(f"/m/{raw}", follow_redirects=True).text
    assert "Go on to the payment" not in page
    assert "Your bank needs some days" in page


def test_money_on_its_way_keeps_a_date_beyond_the_time_it_had_to_pay(client: FlaskClient, shop: Business) -> None:
    held = couples.hold(shop)
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET courtesy_until = hold_expires_at, is_courtesy = true WHERE id = %s", held.booking_id
        )
        database.execute("UPDATE checkout SET status = 'processing' WHERE id = %s", held.checkout_id)
    raw = tokens.mint(shop.id, held.booking_id, action=LinkAction.BROWSER, at=time.now()).raw
    page = client.get(f"/m/{raw}", follow_redirects=True).text
    assert "To book it, until" not in page
    assert "A payment is on its way." in page


def test_a_stranger_sees_the_same_page_for_a_real_and_an_invented_reference(client: FlaskClient, booking: Sold) -> None:
    real, invented = client.get(f"/manage/{booking.reference}"), client.get("/manage/2345-6789")
    assert real.status_code == invented.status_code == 404

    def plain(text: str, reference: str) -> str:
        return re.sub(r'name="csrf_token" value="[^"]+"', "", text).replace(reference, "")

    assert plain(real.text, booking.reference) == plain(invented.text, "2345-6789")


def test_who_holds_one_booking_is_a_stranger_to_every_other(
    client: FlaskClient, link: str, rival: Business, shop: Business
) -> None:
    client.get(link)
    other, theirs = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=5)), sold.sell(rival)
    for reference in (other.reference, theirs.reference, "2345-6789", "x" * 500, "%00", "..%2f"):
        answer = client.get(f"/manage/{reference}")
        assert answer.status_code in {400, 404}
        assert "Rival" not in answer.text


def test_one_browser_can_hold_bookings_with_several_businesses(
    client: FlaskClient, shop: Business, rival: Business, booking: Sold
) -> None:
    theirs = sold.sell(rival)
    client.get(link_to(shop, booking))
    client.get(link_to(rival, theirs))
    assert "Juniper" in client.get(f"/manage/{booking.reference}").text
    assert "Rival" in client.get(f"/manage/{theirs.reference}").text


def test_a_forged_cookie_opens_nothing(app: Application, shop: Business, booking: Sold) -> None:
    with database.reading(shop.id):
        token_id = database.value("SELECT id FROM booking_action_token LIMIT 1")
    for value in (f'["{token_id}"]', f'["{token_id}"].forged', "", "x" * 3000):
        client = app.test_client()
        client.set_cookie("links", value)
        assert client.get(f"/manage/{booking.reference}").status_code == 404


def test_a_stranger_can_ask_for_the_link_and_hears_the_same_whoever_asks(
    app: Application, shop: Business, booking: Sold
) -> None:
    answers = []
    for reference, email in (
        (booking.reference, "anna@couple.example"),
        (booking.reference, "nobody@couple.example"),
        ("2345-6789", "third@couple.example"),
    ):
        client = app.test_client()
        address = f"/manage/{reference}"
        data = {"email": email, "csrf_token": csrf_token(client, address)}
        answer = client.post(address, data=data)
        assert answer.status_code == 303
        answers.append(client.get(answer.location).text.replace(reference, ""))
    assert len(set(answers)) == 1


def test_the_page_is_kept_by_nobody_and_tells_no_other_site_its_address(
    client: FlaskClient, link: str, booking: Sold
) -> None:
    client.get(link)
    answer = client.get(f"/manage/{booking.reference}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in answer.text


def test_the_calendar_file_has_the_day(client: FlaskClient, link: str, shop: Business, booking: Sold) -> None:
    client.get(link)
    answer = client.get(f"/manage/{booking.reference}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    event: Any = Calendar.from_ical(answer.data).walk("VEVENT")[0]
    assert event["DTSTART"].dt == couples.in_half_a_year(shop)
    assert str(event["UID"]) == f"{booking.booking_id}@aisle"


def test_the_calendar_file_is_closed_to_strangers(client: FlaskClient, booking: Sold) -> None:
    assert client.get(f"/manage/{booking.reference}/calendar.ics").status_code == 404


def test_it_takes_at_most_six_statements_none_of_them_twice(
    client: FlaskClient, link: str, shop: Business, booking: Sold
) -> None:
    client.get(link)
    with statements() as few:
        client.get(f"/manage/{booking.reference}")
    with database.writing(shop.id):
        for number in range(25):
            database.execute(
                "INSERT INTO booking_event (id, tenant_id, booking_id, occurred_at, kind, actor)"
                " VALUES (gen_random_uuid(), %s, %s, now(), 'note', 'system')",
                shop.id,
                booking.booking_id,
            )
            del number
    with statements() as many:
        client.get(f"/manage/{booking.reference}")
    assert len(few) == len(many) <= 6
    assert len(set(few)) == len(few)
