"""Mails to who waits tell the truth or stay behind, each with its own link; an address that takes none is dropped."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.availability import service as dates
from portal.availability import waitlist_links
from portal.db import database
from portal.kernel import time
from portal.lifecycle import waiting
from portal.messages import delivery
from portal.messages.delivery import RefusedError
from portal.messages.mail import Mail
from tests.support import couples, mailroom, sold, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import Letter, letters
from tests.support.queues import entry, join, link, serve, statuses
from tests.support.till import rows
from tests.support.world import Business

MONEY = ("refund.execute",)


def deliver(shop: Business, folder: Path, *, but: tuple[str, ...] = ()) -> list[Letter]:
    """What who waits was written so far."""
    mailroom.drain(shop.id, but=(*MONEY, *but))
    return [letter for letter in letters(folder) if letter.to.endswith("@waiting.example")]


def offered(shop: Business, *names: str) -> list[UUID]:
    """The date has become free for the first of these."""
    booked = sold.sell(shop)
    entries = [join(shop, name) for name in names]
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'cancelled' WHERE id = %s", booked.booking_id)
    dates.release_days(shop.id, booking_id=booked.booking_id)
    serve(shop)
    return entries


def test_each_mail_has_a_link_of_its_own_that_opens_the_entry(shop: Business, mail_folder: Path) -> None:
    (entry_id,) = offered(shop, "Ada")
    deliver(shop, mail_folder)
    (letter,) = [each for each in deliver(shop, mail_folder) if "kept for you" in each.subject]
    until = entry(shop, entry_id).offer_ends_at
    assert f"{time.today(shop.tenant.timezone, until):%b} " in letter.text
    found = re.search(r"/w/([\w-]{43})", letter.text)
    assert found
    with database.reading():
        assert waitlist_links.open_link(found[1], at=time.now()).entry_id == entry_id
    assert letter.message["Reply-To"].addresses[0].addr_spec == shop.tenant.contact_email


def test_a_mail_that_has_become_untrue_stays_behind(shop: Business, mail_folder: Path) -> None:
    (entry_id,) = offered(shop, "Ada")
    waiting.leave(shop.id, entry_id, (link(shop, entry_id),), at=time.now())
    assert deliver(shop, mail_folder) == []
    assert set(rows(shop, "SELECT kind, status, failure FROM message WHERE subject_type = 'waitlist'")) == {
        ("waitlist_joined", "skipped", "the entry is left"),
        ("waitlist_offer", "skipped", "the entry is left"),
    }


def test_the_end_of_an_offer_is_told_once_and_without_a_secret(own_database: str, mail_folder: Path) -> None:
    shop = world.open_shop()
    offered(shop, "Ada")
    deliver(shop, mail_folder)
    for _ in range(2):
        waiting.sweep(time.now() + timedelta(hours=49))
    (letter,) = [each for each in deliver(shop, mail_folder) if "no longer kept" in each.subject]
    assert "/w/" not in letter.text
    assert shop.url(f"waitlist/whole-day?date={in_half_a_year(shop)}") in letter.text


def test_an_address_that_takes_no_mail_keeps_the_date_from_nobody(
    shop: Business, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = delivery.current().send

    def send(mail: Mail) -> str:
        if mail.to.startswith("ada@"):
            raise RefusedError("no such mailbox")
        return real(mail)

    monkeypatch.setattr(delivery.current(), "send", send)
    offered(shop, "Ada", "Bea")
    deliver(shop, mail_folder)
    assert statuses(shop) == {"Ada": "left", "Bea": "offered"}
    assert [each.to for each in deliver(shop, mail_folder) if "kept for you" in each.subject] == ["bea@waiting.example"]


def test_names_and_packages_of_any_letters_are_harmless(shop: Business, mail_folder: Path) -> None:
    sold.sell(shop)
    join(shop, "<script>alert(1)</script>{{7*7}}%s", email="x@waiting.example")
    (letter,) = deliver(shop, mail_folder)
    assert "<script>" not in letter.html
    assert "{{7*7}}%s" in letter.text


def test_who_waits_hears_nothing_of_the_couple_that_has_the_date(mail_folder: Path, connected: object) -> None:
    shop = world.open_shop(courtesy_days=9)
    couples.hold(shop, is_courtesy=True)
    join(shop, "Ada")
    (letter,) = deliver(shop, mail_folder)
    assert "they have until" in letter.text
    for word in ("Anna", "Ben", "Mill", "couple.example"):
        assert word not in f"{letter.text}{letter.html}{letter.subject}"
