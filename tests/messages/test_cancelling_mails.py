"""Both addresses hear that a booking is being cancelled, that it is, or that it stays; the business hears, too."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import finish, undo
from portal.tenants import service as tenants
from tests.support import leaving, mailroom, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.world import Business

MONEY = ("refund.execute", "booking.end_sessions")
NOTHING_KEPT = {"kept": '"nothing"'}


def deliver(shop: Business, folder: Path) -> list[Letter]:
    """What came since the last time."""
    for path in folder.glob("*.eml"):
        path.unlink()
    mailroom.drain(shop.id, but=MONEY)
    return letters(folder)


def to(found: list[Letter]) -> dict[str, str]:
    return {letter.to: letter.subject for letter in found}


def test_a_cancellation_that_is_undone_and_made_again(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    leaving.terms(shop, booking, **NOTHING_KEPT)
    deliver(shop, mail_folder)
    for _ in range(2):
        leaving.cancelling(shop, booking)
        found = deliver(shop, mail_folder)
        assert [each.to for each in found] == ["anna@couple.example", "ben@couple.example", "hello@juniper.example"]
        assert "is being cancelled" in found[0].subject
        for words in ("Keep our booking", "$1,000.00", "/m/"):
            assert words in found[0].text
            assert words in found[0].html
        assert "Until" in found[2].text
        undo.undo(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
        found = deliver(shop, mail_folder)
        assert len(found) == 3
        assert "stays booked" in found[0].text


def test_the_end_is_told_with_what_comes_back_and_leaves_the_calendar(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    leaving.terms(shop, booking, **NOTHING_KEPT)
    until = leaving.cancelling(shop, booking).undo_until
    deliver(shop, mail_folder)
    finish.finish(shop.id, booking.booking_id, at=until)
    found = deliver(shop, mail_folder)
    assert [each.to for each in found] == ["anna@couple.example", "ben@couple.example"]
    assert "You get $1,000.00 back" in found[0].text
    event: Any = Calendar.from_ical(found[0].attachments["booking.ics"]).walk("VEVENT")[0]
    assert str(event["STATUS"]) == "CANCELLED"
    assert str(event["UID"]) == f"{booking.booking_id}@aisle"


def test_the_business_tells_why_and_what_cannot_be_undone_offers_no_undo(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    reason = "The barn has burnt down.\n<b>We are sorry.</b>"
    leaving.cancelling(shop, booking, actor=Actor.OWNER, refund_cents=100_000, reason=reason)
    found = deliver(shop, mail_folder)
    assert [each.to for each in found] == ["anna@couple.example", "ben@couple.example"]
    assert "The barn has burnt down." in found[0].text
    assert "&lt;b&gt;" in found[0].html
    assert "Keep our booking" not in found[0].text
    finish.finish(shop.id, booking.booking_id, at=time.now() + leaving.WINDOW)
    text = deliver(shop, mail_folder)[0].text
    assert "We have cancelled" in text
    assert "please answer this email" in text


def test_without_a_time_to_undo_only_the_end_is_told(shop: Business, mail_folder: Path) -> None:
    tenants.change_tenant(shop.id, undo_minutes=0)
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    leaving.cancelling(shop, booking)
    subjects = [each.subject for each in deliver(shop, mail_folder)]
    assert len([each for each in subjects if "is cancelled" in each]) == 2
    assert len(subjects) == 3


def test_what_was_undone_before_the_mail_left_is_not_told(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    leaving.cancelling(shop, booking)
    undo.undo(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    assert all("stays" in each.subject or "after all" in each.subject for each in deliver(shop, mail_folder))


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_each_language_has_every_mail(connected: object, mail_folder: Path, locale: str) -> None:
    shop = world.open_shop(locale=locale, currency="EUR", timezone="Europe/Paris")
    booking = sold.sell(shop)
    leaving.terms(shop, booking, **NOTHING_KEPT)
    leaving.cancelling(shop, booking)
    deliver(shop, mail_folder)
    undo.undo(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    deliver(shop, mail_folder)
    until = leaving.cancelling(shop, booking).undo_until
    finish.finish(shop.id, booking.booking_id, at=until)
    text = deliver(shop, mail_folder)[0].text
    assert ("vous sont remboursés" in text) == (locale == "fr_FR")


def test_every_mail_of_a_cancellation_was_sent(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    until = leaving.cancelling(shop, booking, at=time.now() - timedelta(hours=2)).undo_until
    deliver(shop, mail_folder)
    with database.reading(shop.id):
        assert database.value("SELECT status FROM booking") == "cancelled"  # the effect that was due at its end
        assert {row.status for row in database.rows("SELECT status FROM message WHERE kind = 'cancelled'")} == {"sent"}
    assert until < time.now()
