"""What couples and businesses read, and what of it is kept."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from portal.db import database, outbox
from portal.kernel import time, tokens
from portal.messages import colours
from portal.payments import refunds
from portal.payments.states import RefundReason
from tests.support import couples, mailroom, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.world import Business


def deliver(shop: Business, folder: Path) -> list[Letter]:
    mailroom.drain(shop.id, but=("refund.execute",))
    return letters(folder)


def link_in(letter: Letter) -> str:
    found = re.search(r"/m/([A-Za-z0-9_-]{43})\b", letter.text)
    assert found
    return found[1]


def test_both_partners_and_the_business_get_a_mail_each(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    assert [letter.to for letter in deliver(shop, mail_folder)] == [
        "anna@couple.example",
        "ben@couple.example",
        "hello@juniper.example",
    ]


def test_an_address_that_both_partners_share_gets_one_mail(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop, second_email="ANNA@couple.example")
    assert [letter.to for letter in deliver(shop, mail_folder)] == ["anna@couple.example", "hello@juniper.example"]


def test_the_confirmation_says_what_was_paid_and_what_is_due_and_when(shop: Business, mail_folder: Path) -> None:
    event_on = couples.in_half_a_year(shop)
    booking = sold.sell(shop, event_on=event_on)
    letter = deliver(shop, mail_folder)[0]
    due_on = event_on - timedelta(days=30)
    for words in (
        "Whole day",
        booking.reference,
        "card ending in 4242: $1,000.00",
        f"Due on {due_on:%B} {due_on.day}, {due_on.year}: $1,000.00",
        "The deposit is not given back.",
    ):
        assert words in letter.text
        assert words.split(": ")[0] in letter.html
    assert f"{event_on:%A, %B} {event_on.day}, {event_on.year}" in letter.text


def test_it_comes_in_the_name_of_the_business_and_is_answered_to_it(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    couple, _, owner = deliver(shop, mail_folder)
    assert couple.message["From"].addresses[0].display_name == "Juniper & Rye"
    assert couple.message["Reply-To"].addresses[0].addr_spec == "hello@juniper.example"
    assert owner.message["Reply-To"].addresses[0].addr_spec == "anna@couple.example"


def test_a_french_business_writes_french_dates_and_money(connected: object, mail_folder: Path) -> None:
    shop = world.open_shop(locale="fr_FR", timezone="Europe/Paris", currency="EUR", deposit_percent=None)
    sold.sell(shop, event_on=date(2027, 6, 12), pays_in_full=True)
    letter = deliver(shop, mail_folder)[0]
    assert "samedi 12 juin 2027" in letter.text
    assert "2\u202f000,00\xa0€" in letter.text
    assert 'lang="fr-FR"' in letter.html


def test_the_calendar_in_the_mail_has_the_days_of_the_booking(shop: Business, mail_folder: Path) -> None:
    shop.package("weekend", days=3, buffer_days=1)
    event_on = couples.in_half_a_year(shop)
    sold.sell(shop, package_slug="weekend", event_on=event_on)
    event: Any = Calendar.from_ical(deliver(shop, mail_folder)[0].attachments["booking.ics"]).walk("VEVENT")[0]
    assert event["DTSTART"].dt == event_on
    assert event["DTEND"].dt == event_on + timedelta(days=3)


def test_each_mail_has_a_link_of_its_own_of_which_only_the_hash_is_kept(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    anna, ben, owner = deliver(shop, mail_folder)
    assert link_in(anna) != link_in(ben)
    assert "/m/" not in owner.text + owner.html
    with database.reading(shop.id):
        kept = {bytes(row.token_hash) for row in database.rows("SELECT token_hash FROM booking_action_token")}
        everything = str(database.rows("SELECT * FROM message")) + str(database.rows("SELECT * FROM outbox"))
    for letter in (anna, ben):
        assert tokens.digest(link_in(letter)) in kept
        assert link_in(letter) not in everything


def test_names_that_are_markup_or_break_lines_are_shown_harmless(connected: object, mail_folder: Path) -> None:
    shop = world.open_shop(name="<b>Bold</b> {{7*7}} %s")
    sold.sell(shop, first_partner="<script>alert(1)</script>", venue="Hall\r\nBcc: evil@evil.example")
    for letter in deliver(shop, mail_folder):
        assert "<script>" not in letter.html
        assert "<b>Bold" not in letter.html
        assert letter.message["Bcc"] is None
        assert "\n" not in letter.subject
    assert "{{7*7}} %s" in letters(mail_folder)[0].text


def test_a_payment_that_came_too_late_gets_an_apology_with_five_free_days(shop: Business, mail_folder: Path) -> None:
    at = time.now()
    held = couples.hold(shop, at=at)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
        database.execute("DELETE FROM date_claim WHERE booking_id = %s", held.booking_id)
    winner = sold.sell(shop, first_partner="Zoe", email="zoe@other.example", second_email=None)
    assert held.checkout_id
    sold.pay(shop, held.checkout_id, at=at)
    apology = [letter for letter in deliver(shop, mail_folder) if "sorry" in letter.subject]
    assert [letter.to for letter in apology] == ["anna@couple.example", "ben@couple.example"]
    assert "$1,000.00" in apology[0].text
    days = re.findall(r"/book/whole-day\?date=(\d{4}-\d\d-\d\d)", apology[0].text)
    assert len(days) == 5
    assert couples.in_half_a_year(shop).isoformat() not in days
    assert winner.reference not in apology[0].text


def test_a_refund_that_failed_is_told_to_the_business_alone(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    with database.writing(shop.id):
        payment_id = database.value("SELECT id FROM payment WHERE booking_id = %s", booking.booking_id)
        request_id = refunds.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now())
        database.execute("UPDATE refund_request SET status = 'FAILED', failure = 'closed' WHERE id = %s", request_id)
        outbox.owe("refund.failed", request_id)
    told = deliver(shop, mail_folder)[3:]
    assert [letter.to for letter in told] == ["hello@juniper.example"]
    assert "closed" in told[0].text


def test_a_delayed_payment_that_failed_is_told_to_the_couple(shop: Business, mail_folder: Path) -> None:
    held = couples.hold(shop)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
        outbox.owe("booking.payment_failed", held.booking_id)
    told = deliver(shop, mail_folder)
    assert [letter.to for letter in told] == ["anna@couple.example", "ben@couple.example"]
    assert "Nothing was charged." in told[0].text


@pytest.mark.parametrize("colour", ["#FFFFFF", "#000000", "#F5E663", "#A78B5A", "#5A7C65"])
def test_words_on_a_button_can_be_read_in_any_colour(colour: str) -> None:
    assert colours.contrast(colour, colours.ink_on(colour)) >= 4.5
    assert colours.contrast(colours.readable_on_white(colour), "#FFFFFF") >= 4.5
