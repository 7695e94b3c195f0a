"""What a couple changes is told: the business what was, to the old address that it is old, to the new one a link."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from portal.bookings import tokens
from portal.bookings.states import WhichAddress
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Stale
from portal.lifecycle import address
from portal.messages import facts, minting, service
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from tests.lifecycle.test_details import save
from tests.support import mailroom, sold
from tests.support.mailroom import Letter, letters
from tests.support.sold import Sold
from tests.support.world import Business

HOSTILE = "<script>alert(1)</script> {{7*7}} %s%n"


@pytest.fixture
def booking(shop: Business, mail_folder: Path) -> Sold:
    found = sold.sell(shop)
    deliver(shop, mail_folder)
    return found


def deliver(shop: Business, folder: Path) -> list[Letter]:
    """What came since the last time."""
    for path in folder.glob("*.eml"):
        path.unlink()
    mailroom.drain(shop.id)
    return letters(folder)


def ask(shop: Business, booking: Sold, email: str = "vale@new.example", which: str = "first") -> None:
    address.ask(shop.id, booking.booking_id, WhichAddress(which), email, at=time.now())


def link_in(letter: Letter) -> UUID:
    """The id of a mail's link."""
    found = re.search(r"/m/([A-Za-z0-9_-]{43})", letter.text)
    assert found
    assert found[0] in letter.html
    with database.reading():
        return tokens.open_link(found[1], at=time.now()).token_id


def confirm(shop: Business, booking: Sold, folder: Path) -> list[Letter]:
    (asked,) = deliver(shop, folder)
    address.confirm(shop.id, booking.booking_id, link_in(asked), at=time.now())
    return deliver(shop, folder)


def test_the_business_reads_what_was_and_what_is(shop: Business, booking: Sold, mail_folder: Path) -> None:
    save(shop, booking, venue="The Barn", guest_count=None)
    (letter,) = deliver(shop, mail_folder)
    assert letter.to == "hello@juniper.example"
    for words in ("The Old Mill", "The Barn", "80", "(nothing)"):
        assert words in letter.text
        assert words in letter.html
    assert "SEQUENCE" in letter.attachments["booking.ics"].decode()
    assert "LOCATION:The Barn" in letter.attachments["booking.ics"].decode()


def test_what_a_couple_writes_is_shown_and_never_run(shop: Business, booking: Sold, mail_folder: Path) -> None:
    save(shop, booking, notes=HOSTILE, venue=HOSTILE)
    (letter,) = deliver(shop, mail_folder)
    assert HOSTILE in letter.text
    assert "<script>" not in letter.html
    assert "{{7*7}}" in letter.html


def test_a_new_address_is_asked_and_told_nothing_that_a_couple_typed(
    shop: Business, booking: Sold, mail_folder: Path
) -> None:
    save(shop, booking, first_partner="Buy cheap watches at evil.example")
    deliver(shop, mail_folder)
    ask(shop, booking)
    (letter,) = deliver(shop, mail_folder)
    assert letter.to == "vale@new.example"
    assert "Whole day" in letter.text
    for secret in ("watches", "Jones", "Old Mill", "couple.example", booking.reference):
        assert secret not in letter.text + letter.html + letter.subject


def test_the_old_address_is_told_without_a_link_and_the_others_get_new_ones(
    shop: Business, booking: Sold, mail_folder: Path
) -> None:
    ask(shop, booking)
    found = {letter.to: letter for letter in confirm(shop, booking, mail_folder)}
    assert set(found) == {"anna@couple.example", "vale@new.example", "ben@couple.example", "hello@juniper.example"}
    told = found["anna@couple.example"]
    assert "no longer to you" in told.text
    assert "/m/" not in told.text + told.html
    assert "vale@" not in told.text + told.html
    for email in ("vale@new.example", "ben@couple.example"):
        assert "Your new link" in found[email].html
        link_in(found[email])
    assert "a•••@couple.example" in found["hello@juniper.example"].text


def test_a_second_address_that_is_added_gets_a_link_and_the_first_one_hears_of_it(
    shop: Business, mail_folder: Path
) -> None:
    booking = sold.sell(shop, second_email=None)
    deliver(shop, mail_folder)
    ask(shop, booking, which="second")
    found = {letter.to: letter for letter in confirm(shop, booking, mail_folder)}
    assert set(found) == {"anna@couple.example", "vale@new.example", "hello@juniper.example"}
    assert "vale@new.example was added" in found["anna@couple.example"].text
    assert "/m/" not in found["anna@couple.example"].text
    link_in(found["vale@new.example"])


def test_an_address_that_was_taken_away_is_told(shop: Business, booking: Sold, mail_folder: Path) -> None:
    address.remove_second(shop.id, booking.booking_id, at=time.now())
    found = {letter.to: letter for letter in deliver(shop, mail_folder)}
    assert set(found) == {"anna@couple.example", "ben@couple.example", "hello@juniper.example"}
    assert "taken out of the booking" in found["ben@couple.example"].text
    link_in(found["anna@couple.example"])


def test_a_question_that_nobody_waits_for_is_not_sent(shop: Business, booking: Sold, mail_folder: Path) -> None:
    ask(shop, booking)
    address.give_up(shop.id, booking.booking_id, at=time.now())
    assert deliver(shop, mail_folder) == []


def test_an_address_is_asked_three_times_an_hour_at_most(shop: Business, booking: Sold, mail_folder: Path) -> None:
    for _ in range(5):
        ask(shop, booking)
        deliver(shop, mail_folder)
    with database.reading(shop.id):
        sent = database.value("SELECT count(*) FROM message WHERE kind = 'email_confirm' AND status = 'sent'")
    assert sent == 3


def test_a_mail_that_was_owed_to_the_old_address_goes_to_the_new_one(
    shop: Business, booking: Sold, mail_folder: Path
) -> None:
    ask(shop, booking)
    (asked,) = deliver(shop, mail_folder)
    to = [Addressed(each, Audience.COUPLE) for each in ("anna@couple.example", "ben@couple.example")]
    service.owe(shop.id, booking.booking_id, MessageKind.CONFIRMATION, slot="again", to=to, at=time.now())
    address.confirm(shop.id, booking.booking_id, link_in(asked), at=time.now())
    address.remove_second(shop.id, booking.booking_id, at=time.now())
    found = [letter.to for letter in deliver(shop, mail_folder) if "is booked" in letter.subject]
    assert found == ["vale@new.example"]
    with database.reading(shop.id):
        skipped = database.value("SELECT count(*) FROM message WHERE slot = 'again' AND status = 'skipped'")
    assert skipped == 1


def test_no_link_is_made_for_an_address_that_was_changed_a_moment_ago(
    shop: Business, booking: Sold, mail_folder: Path
) -> None:
    ask(shop, booking)
    (asked,) = deliver(shop, mail_folder)
    to = [Addressed("anna@couple.example", Audience.COUPLE)]
    (owed,) = service.owe(shop.id, booking.booking_id, MessageKind.CONFIRMATION, slot="again", to=to, at=time.now())
    with database.reading(shop.id):
        about = facts.message(shop.id, owed)
        assert about
        known = facts.gather(shop.id, about, at=time.now())
    address.confirm(shop.id, booking.booking_id, link_in(asked), at=time.now())
    with pytest.raises(Stale):
        minting.mint(known, at=time.now())
