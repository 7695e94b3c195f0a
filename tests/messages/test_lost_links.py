"""“I lost my link”: who gets a mail, how often, and that nobody else learns anything."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.messages import requests, resending
from tests.support import couples, mailroom, sold
from tests.support.mailroom import Letter, letters
from tests.support.statements import statements
from tests.support.world import Business


def asked(shop: Business, folder: Path, address: str) -> list[Letter]:
    """The mails that one request leads to."""
    before = len(letters(folder))
    requests.request_links(shop.id, address)
    mailroom.drain(shop.id)
    return letters(folder)[before:]


def test_either_address_gets_the_link_and_only_the_one_that_asked(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    mailroom.drain(shop.id)
    assert [letter.to for letter in asked(shop, mail_folder, "BEN@couple.example")] == ["ben@couple.example"]


def test_several_bookings_of_an_address_come_in_one_mail(shop: Business, mail_folder: Path) -> None:
    first = sold.sell(shop)
    second = sold.sell(shop, event_on=couples.in_half_a_year(shop, plus=9))
    mailroom.drain(shop.id)
    (letter,) = asked(shop, mail_folder, "anna@couple.example")
    assert letter.text.count("/m/") == 2
    assert first.reference in letter.text
    assert second.reference in letter.text


def test_an_unknown_address_gets_nothing_and_leaves_no_trace_of_itself(shop: Business, mail_folder: Path) -> None:
    assert asked(shop, mail_folder, "stranger@nowhere.example") == []
    with database.reading(shop.id):
        row = database.row("SELECT * FROM outbox WHERE kind = 'address.links_requested'")
    assert row
    assert "stranger" not in str(row)
    assert row.status == "done"


def test_a_known_and_an_unknown_address_cost_the_web_the_same_statements(shop: Business) -> None:
    sold.sell(shop)
    counts = []
    for address in ("anna@couple.example", "stranger@nowhere.example"):
        with statements() as seen:
            requests.request_links(shop.id, address)
        counts.append(seen)
    assert counts[0] == counts[1]


def test_an_address_gets_three_links_an_hour_and_more_later(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    mailroom.drain(shop.id)
    sent = [len(asked(shop, mail_folder, "anna@couple.example")) for _ in range(5)]
    assert sent == [1, 1, 1, 0, 0]
    with database.writing(shop.id):
        database.execute("UPDATE message SET created_at = created_at - interval '61 minutes'")
    assert len(asked(shop, mail_folder, "anna@couple.example")) == 1


def test_a_rival_business_with_the_same_couple_is_not_in_it(shop: Business, rival: Business, mail_folder: Path) -> None:
    ours, theirs = sold.sell(shop), sold.sell(rival)
    for business in (shop, rival):
        mailroom.drain(business.id)
    (letter,) = asked(shop, mail_folder, "anna@couple.example")
    assert ours.reference in letter.text
    assert theirs.reference not in letter.text


def test_a_hold_that_ran_out_is_not_offered_again(shop: Business, mail_folder: Path) -> None:
    held = couples.hold(shop)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
    assert asked(shop, mail_folder, "anna@couple.example") == []


def test_an_ended_link_is_renewed_to_the_address_it_was_sent_to(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    old = tokens.mint(
        shop.id, booking.booking_id, action=LinkAction.MANAGE, recipient="ben@couple.example", at=time.now()
    )
    requests.request_link(shop.id, booking.booking_id, old.token_id)
    mailroom.drain(shop.id)
    assert letters(mail_folder)[-1].to == "ben@couple.example"


def test_an_address_that_is_no_longer_on_file_gets_no_link(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    old = tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, recipient="ex@old.example", at=time.now())
    requests.request_link(shop.id, booking.booking_id, old.token_id)
    mailroom.drain(shop.id)
    assert letters(mail_folder)[-1].to == "anna@couple.example"


def test_an_event_of_long_ago_has_no_link_any_more(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop)
    mailroom.drain(shop.id)
    long_ago = shop.tenant.today(time.now()) - timedelta(days=91)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET event_on = %s WHERE id = %s", long_ago, booking.booking_id)
    assert asked(shop, mail_folder, "anna@couple.example") == []


def test_an_invented_reference_owes_as_much_as_a_real_one_and_mails_nobody(shop: Business, mail_folder: Path) -> None:
    requests.request_links_of_reference(f"{uuid4()}", "anna@couple.example")
    requests.request_links_of_reference("2345-6789", "anna@couple.example")
    mailroom.drain(shop.id)
    assert letters(mail_folder) == []


def test_the_business_sends_it_again_to_each_address_and_each_link_opens(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop, second_email="ben@couple.example")
    mailroom.drain(shop.id)
    before = len(letters(mail_folder))
    resending.resend(shop.id, booking.booking_id, user_id=None, timezone=shop.tenant.timezone, at=time.now())
    mailroom.drain(shop.id)
    sent = letters(mail_folder)[before:]
    assert {letter.to for letter in sent} == {"anna@couple.example", "ben@couple.example"}
    for letter in sent:
        raw = letter.text.partition("/m/")[2][:43]
        with database.reading():
            link = tokens.open_link(raw, at=time.now())
        assert (link.booking_id, link.action, link.state) == (booking.booking_id, LinkAction.MANAGE, "valid")
        assert link.recipient == letter.to
