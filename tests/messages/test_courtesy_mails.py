"""What a couple hears about a date kept for it: that it is, when it ends, who else asks, and that it is over."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.db import database
from portal.kernel import time
from portal.lifecycle import courtesy
from portal.lifecycle.hold import Held
from portal.lifecycle.release import release
from portal.messages import courtesy_plans
from portal.messages.courtesy_plans import KEPT_AN_HOUR
from tests.support import mailroom, world
from tests.support.couples import in_half_a_year
from tests.support.keeping import DAYS, end_of, keep
from tests.support.mailroom import Letter, letters
from tests.support.till import Till, rows, till
from tests.support.world import Business

__all__ = ["till"]


@pytest.fixture
def kind_shop(connected: object) -> Business:
    return world.open_shop(courtesy_days=DAYS)


def deliver(shop: Business, folder: Path, *, after: int = 0) -> list[Letter]:
    """The letters since the ones that came before."""
    mailroom.drain(shop.id)
    return letters(folder)[after:]


def remind(shop: Business, held: Held, *, days: int = DAYS) -> None:
    """What the worker does with the reminder."""
    last_on = shop.tenant.today(time.now()) + timedelta(days=days)
    courtesy_plans.ends_soon(shop.id, held.booking_id, last_on=last_on, at=time.now())


def statuses(shop: Business, kind: str) -> set[str]:
    return {status for (status,) in rows(shop, "SELECT status FROM message WHERE kind = %s", kind)}


def test_a_kept_date_is_told_to_both_partners_with_their_link(kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    told = deliver(kind_shop, mail_folder)
    assert sorted(letter.to for letter in told) == ["anna@couple.example", "ben@couple.example"]
    for letter in told:
        assert letter.subject.startswith("We keep")
        for words in ("11:59", "Nothing was charged", "$1,000.00", held.reference, "48 hours", "/m/"):
            assert words in letter.text
            assert words in letter.html


def test_the_day_before_its_end_is_told_once_while_it_is_kept(kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    before = len(deliver(kind_shop, mail_folder))
    remind(kind_shop, held)
    remind(kind_shop, held)
    first, _ = deliver(kind_shop, mail_folder, after=before)
    assert first.subject.startswith("Until tomorrow")
    assert "?to=pay" in first.text


def test_no_reminder_of_an_end_that_is_another_by_now(kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    courtesy.challenge(kind_shop.id, held.booking_id, at=time.now())
    remind(kind_shop, held)
    assert statuses(kind_shop, "courtesy_ends") == set()
    remind(kind_shop, held, days=2)
    assert statuses(kind_shop, "courtesy_ends") == {"due"}


def test_a_reminder_that_comes_too_late_is_skipped(till: Till, kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    deliver(kind_shop, mail_folder)
    remind(kind_shop, held)
    courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    mailroom.drain(kind_shop.id)
    assert statuses(kind_shop, "courtesy_ends") == {"skipped"}


def test_who_is_paying_is_not_pressed(kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    deliver(kind_shop, mail_folder)
    remind(kind_shop, held)
    with database.writing(kind_shop.id):
        database.execute(
            "INSERT INTO checkout (id, tenant_id, booking_id, purpose, attempt, status, amount_cents, currency,"
            " idempotency_key, parameters, expires_at, created_at, changed_at) SELECT gen_random_uuid(), tenant_id, id,"
            " 'booking', 1, 'processing', 100, 'USD', id::text, '{}', now(), now(), now() FROM booking"
        )
    mailroom.drain(kind_shop.id)
    assert statuses(kind_shop, "courtesy_ends") == {"skipped"}


def test_a_challenge_says_how_long_is_left(kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    before = len(deliver(kind_shop, mail_folder))
    courtesy.challenge(kind_shop.id, held.booking_id, at=time.now())
    told = deliver(kind_shop, mail_folder, after=before)
    assert sorted(letter.to for letter in told) == ["anna@couple.example", "ben@couple.example"]
    assert "Another couple has asked" in told[0].text
    assert "?to=pay" in told[0].text


def test_its_end_is_told_with_a_way_to_book_again(till: Till, kind_shop: Business, mail_folder: Path) -> None:
    _, held = keep(kind_shop)
    before = len(deliver(kind_shop, mail_folder))
    release(kind_shop.id, held.booking_id, at=end_of(kind_shop))
    told = deliver(kind_shop, mail_folder, after=before)
    assert {letter.subject.split(" for you")[0][:17] for letter in told} == {"We no longer keep"}
    assert f"/t/{kind_shop.slug}/book/whole-day" in told[0].text


def test_an_address_is_not_flooded(till: Till, kind_shop: Business, mail_folder: Path) -> None:
    for number in range(KEPT_AN_HOUR + 2):
        _, held = keep(kind_shop, event_on=in_half_a_year(kind_shop, plus=number), second_email=None)
        mailroom.drain(kind_shop.id)
        courtesy.release(kind_shop.id, held.booking_id, at=time.now())
    assert len(letters(mail_folder)) == KEPT_AN_HOUR
