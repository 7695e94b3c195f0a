"""What is written when a couple pays what was still open, and when that does not work out."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal import settings as settings_module
from portal.db import database, outbox
from portal.kernel import time
from portal.lifecycle import returns
from portal.lifecycle.pay import PURPOSE
from portal.payments import checkouts
from portal.payments.states import RefundReason
from portal.settings import Features, Settings
from tests.support import couples, mailroom, queues, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.sold import Sold
from tests.support.world import Business


def deliver(shop: Business, folder: Path) -> list[Letter]:
    mailroom.drain(shop.id)
    return letters(folder)


def rest_of(shop: Business, booking: Sold) -> UUID:
    """An attempt to pay the rest of a booking."""
    with database.reading(shop.id):
        wanted = "SELECT id FROM booking_payment_stage WHERE booking_id = %s AND status = 'PENDING'"
        stage = database.value(wanted, booking.booking_id)
    base = "http://localhost/manage"
    made = checkouts.prepare(
        shop.id, booking.booking_id, stages=[stage], purpose=PURPOSE, at=time.now(), success_url=base, cancel_url=base
    )
    return made.id


def test_the_confirmation_leads_to_the_payment_of_the_rest(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    couple, _, owner = deliver(shop, mail_folder)
    assert "?to=pay" in couple.text
    assert "?to=pay" in couple.html
    assert "?to=pay" not in owner.text


def test_who_has_paid_everything_is_not_asked_for_more(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop, pays_in_full=True)
    assert "?to=pay" not in deliver(shop, mail_folder)[0].text


def test_a_further_payment_is_told_to_both_partners_and_the_business(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    before = len(deliver(shop, mail_folder))
    sold.pay(shop, rest_of(shop, booking), at=time.now())
    told = deliver(shop, mail_folder)[before:]
    assert sorted(letter.to for letter in told) == [
        "anna@couple.example",
        "ben@couple.example",
        "hello@juniper.example",
    ]
    couple = next(letter for letter in told if letter.to == "anna@couple.example")
    owner = next(letter for letter in told if letter.to == "hello@juniper.example")
    assert couple.subject.startswith("We received your payment")
    for words in ("$1,000.00", "4242", booking.reference, "Everything is paid."):
        assert words in couple.text
        assert words in couple.html
    assert "/m/" in couple.text
    assert "Anna Smith" in owner.subject
    assert "/m/" not in owner.text
    assert f"/dashboard/bookings/{booking.reference}" in owner.text


def test_the_mails_speak_the_language_of_the_business(connected: object, mail_folder: Path) -> None:
    shop = world.open_shop(locale="fr_FR", timezone="Europe/Paris", currency="EUR")
    booking = sold.sell(shop)
    before = len(deliver(shop, mail_folder))
    sold.pay(shop, rest_of(shop, booking), at=time.now())
    told = deliver(shop, mail_folder)[before:]
    assert {letter.subject.split(" le ")[0] for letter in told} == {
        "Nous avons reçu votre paiement pour",
        "Anna Smith & Ben Jones ont payé pour",
    }


def test_a_failed_payment_of_the_rest_is_told_until_it_is_paid(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    before = len(deliver(shop, mail_folder))
    with database.writing(shop.id):
        database.execute("UPDATE booking_payment_stage SET status = 'FAILED' WHERE status = 'PENDING'")
        outbox.owe("booking.payment_failed", booking.booking_id)
    told = deliver(shop, mail_folder)[before:]
    assert [letter.to for letter in told] == ["anna@couple.example", "ben@couple.example"]
    assert "You can try again with another way of paying." in told[0].text


def test_a_failed_payment_does_not_end_what_a_waiting_list_still_keeps(shop: Business, mail_folder: Path) -> None:
    held = couples.hold(shop)
    entry_id = queues.join(shop)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
        database.execute(
            "UPDATE waitlist_entry SET status = 'offered', booking_id = %s, offered_at = %s, offer_ends_at = %s"
            " WHERE id = %s",
            held.booking_id,
            time.now(),
            time.now() + timedelta(days=1),
            entry_id,
        )
        outbox.owe("booking.payment_failed", held.booking_id)
    for body in (deliver(shop, mail_folder)[0].text, deliver(shop, mail_folder)[0].html):
        assert "The date is still kept for you until" in body
        assert "We no longer hold the date" not in body


@pytest.mark.parametrize(
    ("reason", "words"),
    [(RefundReason.DUPLICATE, "and it was paid already."), (RefundReason.NOT_OWED, "it was no longer owed.")],
)
def test_money_that_goes_back_by_itself_is_told_once_to_both(
    shop: Business, mail_folder: Path, reason: RefundReason, words: str
) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    with database.reading(shop.id):
        payment_id = database.value("SELECT id FROM payment")
    before = len(letters(mail_folder))
    returns.give_back(shop.id, booking.booking_id, payment_id, reason, at=time.now())
    mailroom.drain(shop.id, but=("refund.execute",))
    told = letters(mail_folder)[before:]
    assert sorted(letter.to for letter in told) == ["anna@couple.example", "ben@couple.example"]
    for body in (told[0].text, told[0].html):
        assert words in body
        assert "All of it goes back to you: $1,000.00." in body
        assert "/m/" in body
    assert "goes back to you" in told[0].subject


def test_while_a_person_has_to_send_it_back_nothing_is_promised(
    shop: Business, mail_folder: Path, connected: Settings
) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    before = len(letters(mail_folder))
    with database.reading(shop.id):
        payment_id = database.value("SELECT id FROM payment")
    settings_module.install(replace(connected, features=Features(refunds=False)))
    try:
        returns.give_back(shop.id, booking.booking_id, payment_id, RefundReason.DUPLICATE, at=time.now())
    finally:
        settings_module.install(connected)
    mailroom.drain(shop.id)
    assert [letter.to for letter in letters(mail_folder)[before:]] == ["hello@juniper.example"]
