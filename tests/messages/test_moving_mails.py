"""Both addresses hear that their date is moved, with a file for their calendar; the business hears, too."""

from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from portal.bookings.states import Actor
from tests.support import mailroom, shifting, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.world import Business


def deliver(shop: Business, folder: Path) -> list[Letter]:
    """What came since the last time."""
    for path in folder.glob("*.eml"):
        path.unlink()
    mailroom.drain(shop.id)
    return letters(folder)


def event_in(letter: Letter) -> Any:
    return Calendar.from_ical(letter.attachments["booking.ics"]).walk("VEVENT")[0]


def test_a_move_is_told_to_all_and_moves_in_their_calendars(shop: Business, mail_folder: Path) -> None:
    booking, new = sold.sell(shop), shifting.later(shop)
    before = event_in(deliver(shop, mail_folder)[0])
    shifting.moved(shop, booking, new)
    found = deliver(shop, mail_folder)
    assert {each.to for each in found} == {"anna@couple.example", "ben@couple.example", "hello@juniper.example"}
    to_anna = next(each for each in found if each.to == "anna@couple.example")
    to_shop = next(each for each in found if each.to == "hello@juniper.example")
    assert "is moved to" in to_anna.subject
    assert "have moved to" in to_shop.subject
    for words in ("As you asked", "/m/", "$1,000.00"):
        assert words in to_anna.text
        assert words in to_anna.html
    assert "have moved their booking from" in to_shop.text
    assert "/m/" not in to_shop.text
    for letter in (to_anna, to_shop):
        after = event_in(letter)
        assert after["UID"] == before["UID"]
        assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
        assert after["DTSTART"].dt == new


def test_the_business_tells_the_couple_of_its_own_move(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    shifting.moved(shop, booking, shifting.later(shop), actor=Actor.OWNER)
    found = deliver(shop, mail_folder)
    assert [each.to for each in found] == ["anna@couple.example", "ben@couple.example"]
    assert "please answer this email" in found[0].text
    assert "whenever you like" in found[0].text


def test_what_is_due_at_once_is_not_said_to_have_time(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    shifting.moved(shop, booking, shifting.later(shop), actor=Actor.OWNER, fee_cents=7_500)
    text = deliver(shop, mail_folder)[0].text
    assert "Due now: $75.00" in text
    assert "Please pay what is due now." in text
    assert "whenever you like" not in text


def test_a_date_that_moved_on_before_the_mail_left_is_told_once(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    shifting.terms(shop, booking, free_moves="5")
    deliver(shop, mail_folder)
    shifting.moved(shop, booking, shifting.later(shop))
    shifting.moved(shop, booking, shifting.later(shop, 9))
    assert len(deliver(shop, mail_folder)) == 3


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_each_language_has_every_mail_of_a_move(connected: object, mail_folder: Path, locale: str) -> None:
    shop = world.open_shop(locale=locale, currency="EUR", timezone="Europe/Paris")
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    shifting.moved(shop, booking, shifting.later(shop))
    text = next(each.text for each in deliver(shop, mail_folder) if "couple.example" in each.to)
    assert ("Comme vous l" in text) == (locale == "fr_FR")
