"""Mails carry links straight to one change: good once, for seven days, and only for what can still be done."""

import re
from datetime import timedelta
from pathlib import Path

from portal.bookings import tokens
from portal.bookings.states import Actor, LinkAction
from portal.db import database
from portal.kernel import time
from portal.lifecycle import undo
from portal.messages import requests
from tests.support import leaving, mailroom, sold
from tests.support.couples import in_half_a_year
from tests.support.mailroom import Letter, letters
from tests.support.world import Business

_TOKEN = re.compile(r"/m/([\w-]{43})")


def links_in(letter: Letter) -> dict[LinkAction, tokens.Link]:
    """What the links of a mail open, by what they are for."""
    found = {}
    for raw in set(_TOKEN.findall(letter.text)):
        with database.reading():
            link = tokens.open_link(raw, at=time.now())
        found[link.action] = link
    return found


def mails(shop: Business, folder: Path, words: str) -> list[Letter]:
    mailroom.drain(shop.id)
    return [letter for letter in letters(folder) if words in letter.subject]


def test_the_confirmation_leads_straight_to_both_changes(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop, second_email="ben@couple.example")
    sent = mails(shop, mail_folder, "is booked")
    assert len(sent) == 2
    for letter in sent:
        links = links_in(letter)
        assert set(links) == {LinkAction.MANAGE, LinkAction.RESCHEDULE, LinkAction.CANCEL}
        assert {link.recipient for link in links.values()} == {letter.to}
        assert {link.booking_id for link in links.values()} == {booking.booking_id}
        assert set(_TOKEN.findall(letter.html)) == set(_TOKEN.findall(letter.text))
        assert "good for one change and for seven days" in letter.text
    with database.reading(shop.id):
        ends = database.rows(
            "SELECT DISTINCT expires_at - created_at AS lives FROM booking_action_token"
            " WHERE action IN ('reschedule', 'cancel')"
        )
    assert [row.lives for row in ends] == [timedelta(days=7)]


def test_no_row_holds_a_token_of_a_mail(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    raw = [token for letter in mails(shop, mail_folder, "") for token in _TOKEN.findall(letter.text)]
    assert len(set(raw)) >= 3
    with database.reading(shop.id):
        names = database.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (name,) in names:
            try:
                with database.savepoint():
                    stored = str(database.rows(f"SELECT t::text FROM {name} t"))
            except Exception:  # noqa: BLE001, S112  a table of the platform's, which the application may not read
                continue
            assert not any(token in stored for token in raw), name


def test_a_cancellation_uses_up_the_links_of_every_mail_and_an_undo_mails_new_ones(
    shop: Business, mail_folder: Path
) -> None:
    booking = sold.sell(shop, second_email="ben@couple.example")
    before = [links_in(letter) for letter in mails(shop, mail_folder, "is booked")]
    leaving.cancelling(shop, booking)
    with database.reading(shop.id):
        states = database.rows(
            "SELECT action, bool_and(used_at IS NOT NULL) AS is_used FROM booking_action_token GROUP BY action"
        )
    assert {row.action: row.is_used for row in states}[LinkAction.CANCEL]
    assert not any(row.is_used for row in states if row.action != LinkAction.CANCEL)
    undo.undo(shop.id, booking.booking_id, actor=Actor.COUPLE, at=time.now())
    after = [links_in(letter) for letter in mails(shop, mail_folder, "stays as it was")]
    assert len(before) == len(after) == 2
    for links in after:
        assert links[LinkAction.CANCEL].state == links[LinkAction.RESCHEDULE].state == "valid"


def test_a_mail_offers_no_change_that_would_be_refused(shop: Business, mail_folder: Path) -> None:
    booking = sold.sell(shop, event_on=in_half_a_year(shop))
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET event_on = %s, policy = jsonb_set(policy, '{moving,cutoff_days}', '1000')"
            " WHERE id = %s",
            shop.tenant.today(time.now()) + timedelta(days=30),
            booking.booking_id,
        )
    (letter, *_) = mails(shop, mail_folder, "is booked")
    assert set(links_in(letter)) == {LinkAction.MANAGE, LinkAction.CANCEL}
    assert "Move the date:" not in letter.text


def test_a_link_that_was_asked_for_comes_alone(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    mailroom.drain(shop.id)
    requests.request_links(shop.id, "anna@couple.example")
    (letter,) = mails(shop, mail_folder, "Your booking with")
    assert set(links_in(letter)) == {LinkAction.MANAGE}
