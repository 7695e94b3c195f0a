"""A couple that gave its date up hears that it was booked again, and no mail speaks of money that nothing sends."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal import settings as settings_module
from portal.kernel import time
from portal.lifecycle import finish, rebooked
from portal.settings import Features, Settings
from tests.support import leaving, mailroom, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.sold import Sold
from tests.support.world import Business

MONEY = ("refund.execute", "booking.end_sessions")
COUPLE = ["anna@couple.example", "ben@couple.example"]


def deliver(shop: Business, folder: Path) -> list[Letter]:
    """What came since the last time."""
    for path in folder.glob("*.eml"):
        path.unlink()
    mailroom.drain(shop.id, but=MONEY)
    return letters(folder)


def given_up(shop: Business, **terms: str) -> Sold:
    booking = sold.sell(shop)
    leaving.terms(shop, booking, **{"kept": '"deposit"', "rebooked_percent": "50", **terms})
    finish.finish(shop.id, booking.booking_id, at=leaving.cancelling(shop, booking).undo_until)
    return booking


@pytest.fixture
def refunds_off(connected: Settings) -> Iterator[None]:
    """An installation that gives nothing back by itself."""
    settings_module.install(replace(connected, features=Features(refunds=False)))
    yield
    settings_module.install(connected)


def test_both_addresses_hear_of_the_further_share_once(shop: Business, mail_folder: Path) -> None:
    given_up(shop)
    told = [each for each in deliver(shop, mail_folder) if "is cancelled" in each.subject]
    assert "If your date is booked again, 50% of what was kept goes back to you as well." in told[0].text
    sold.sell(shop, first_partner="Cleo", email="cleo@others.example", second_email=None)
    found = [each for each in deliver(shop, mail_folder) if "booked again" in each.subject]
    assert [each.to for each in found] == COUPLE
    for body in (found[0].text, found[0].html):
        assert "A further $500.00 goes back to you." in body
        assert "to the card you paid with" in body
        assert "/m/" in body
        assert "Cleo" not in body
    assert deliver(shop, mail_folder) == []


def test_before_it_is_final_the_hope_is_told_only_where_something_is_kept(shop: Business, mail_folder: Path) -> None:
    for kept, is_told in (('"deposit"', True), ('"nothing"', False)):
        booking = sold.sell(shop)
        leaving.terms(shop, booking, kept=kept, rebooked_percent="50")
        deliver(shop, mail_folder)
        until = leaving.cancelling(shop, booking).undo_until
        assert ("booked again" in deliver(shop, mail_folder)[0].text) is is_told
        finish.finish(shop.id, booking.booking_id, at=until)
        assert ("booked again" in deliver(shop, mail_folder)[0].text) is is_told


def test_with_refunds_switched_off_no_mail_of_a_cancellation_promises_what_nothing_sends(
    shop: Business, mail_folder: Path, refunds_off: None
) -> None:
    booking = sold.sell(shop)
    leaving.terms(shop, booking, kept='"nothing"', flat_fee_cents="20000", rebooked_percent="50")
    deliver(shop, mail_folder)
    until = leaving.cancelling(shop, booking).undo_until
    couple, _, owner = deliver(shop, mail_folder)
    assert "$800.00 is owed back to you. We send it ourselves" in couple.text
    assert "$800.00 is owed back to them. Refunds are switched off here" in owner.text
    finish.finish(shop.id, booking.booking_id, at=until)
    told = next(each for each in deliver(shop, mail_folder) if "is cancelled" in each.subject)
    for body in (told.text, told.html):
        assert "$800.00 is owed back to you. We send it ourselves" in body
        assert "You get" not in body
        assert "five to ten days" not in body
        assert "shows how far" not in body
        assert "If your date is booked again, 50%" in body
    again = sold.sell(shop)
    assert rebooked.look(shop.id, again.booking_id, at=time.now()) == 1
    told = next(each for each in deliver(shop, mail_folder) if "booked again" in each.subject)
    assert "A further $100.00 goes back to you. We send it ourselves" in told.text
    assert "to the card" not in told.text


def test_with_refunds_on_again_a_mail_that_left_late_still_tells_what_became_of_it(
    shop: Business, mail_folder: Path, connected: Settings, refunds_off: None
) -> None:
    given_up(shop, kept='"nothing"')
    settings_module.install(connected)
    told = next(each for each in deliver(shop, mail_folder) if "is cancelled" in each.subject)
    assert "We send it ourselves" in told.text


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_each_language_has_the_mail(connected: object, mail_folder: Path, locale: str) -> None:
    shop = world.open_shop(locale=locale, currency="EUR", timezone="Europe/Paris")
    given_up(shop)
    deliver(shop, mail_folder)
    sold.sell(shop, email="cleo@others.example", second_email=None)
    found = next(each for each in deliver(shop, mail_folder) if each.to == COUPLE[0])
    assert ("booked again" in found.subject) is (locale == "en_GB")
    assert "500" in found.text
