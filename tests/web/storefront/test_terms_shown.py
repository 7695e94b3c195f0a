"""The terms stand where a couple decides: on the package page, in the form, in the mail and on their own page."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal.bookings import queries, terms
from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier
from portal.bookings.policy.moving import MovePolicy, MovePrice
from portal.db import database
from portal.tenants.language import language
from tests.support import couples, mailroom, sold, world
from tests.support.statements import statements
from tests.support.world import Business
from tests.web.couple.conftest import link_to
from tests.web.storefront.forms import filled, open_form, send

TERMS = CancellationPolicy((Tier(90, 100), Tier(30, 50)), Kept.DEPOSIT, 0, 0, None, 0)
MOVES = MovePolicy(60, 1, (5_000, 10_000), 365, MovePrice.OLD, may_change_package=False)


@pytest.fixture
def shop(connected: object) -> Business:
    """The deposit is kept; of the rest everything, then half comes back."""
    shop = world.open_shop()
    terms.set_business_terms(shop.id, TERMS, MOVES)
    return shop


def words(soup: Any, part: str) -> str:
    found = soup.select_one(part)
    return " ".join(found.get_text(" ").split()) if found else ""


def package_page(client: FlaskClient, shop: Business, query: str = "") -> str:
    answer = client.get(shop.url(f"packages/whole-day{query}"))
    return words(BeautifulSoup(answer.text, "html.parser"), "#terms")


def long(day: date) -> str:
    return language().date_medium(day)


def test_a_package_says_its_terms_for_the_deposit_and_for_everything_before_a_date_is_chosen(
    client: FlaskClient, shop: Business
) -> None:
    told = package_page(client, shop)
    assert "Once the deposit of $1,000.00 is paid If you cancel, nothing is given back." in told
    assert (
        "Once the whole $2,000.00 is paid Up to 90 days before your day you get $1,000.00 back,"
        " up to 30 days $500.00, then nothing." in told
    )
    assert "You can move your date up to 60 days before it. The first move is free." in told
    assert "After that a move costs $50.00, then $100.00." in told


def test_for_a_chosen_date_the_terms_are_dates(client: FlaskClient, shop: Business) -> None:
    day = couples.in_half_a_year(shop)
    first, second = (long(day - timedelta(days=days)) for days in (90, 30))
    for _ in range(2):  # the page around them is kept, they are not
        told = package_page(client, shop, f"?date={day}")
        assert f"Until {first} you get $1,000.00 back, until {second} $500.00, then nothing." in told
    assert "Up to 90 days before" in package_page(client, shop)


def test_a_date_so_near_that_all_is_due_has_no_terms_for_a_deposit(client: FlaskClient, shop: Business) -> None:
    day = couples.in_half_a_year(shop) - timedelta(days=160)
    told = package_page(client, shop, f"?date={day}")
    assert "Once the deposit" not in told
    assert "Once the whole $2,000.00 is paid If you cancel, nothing is given back." in told


def test_a_package_with_its_own_terms_says_those(client: FlaskClient, shop: Business) -> None:
    own = CancellationPolicy((Tier(7, 80),), Kept.NOTHING, 0, 0, None, 5)
    terms.set_package_terms(shop.id, shop.packages["whole-day"], own, None)
    told = package_page(client, shop)
    assert "Up to 7 days before your day you get $800.00 back, then nothing." in told
    assert "For 5 days after booking you get everything back." in told


def test_new_terms_are_seen_at_once_although_pages_are_kept(client: FlaskClient, shop: Business) -> None:
    assert "Up to 90 days" in package_page(client, shop)
    terms.set_business_terms(shop.id, CancellationPolicy((Tier(7, 80),), Kept.NOTHING, 0, 0, None, 0), MOVES)
    assert "Up to 7 days" in package_page(client, shop)


def test_a_kept_page_with_a_chosen_date_asks_no_more_of_the_database(client: FlaskClient, shop: Business) -> None:
    url = shop.url(f"packages/whole-day?date={couples.in_half_a_year(shop)}")
    client.get(url)
    with statements() as said:
        client.get(url)
    assert [each.split(" FROM ")[1].split()[0] for each in said] == ["date_claim"]


def test_the_form_says_the_terms_of_what_is_chosen(client: FlaskClient, shop: Business) -> None:
    page = open_form(client, shop, f"?date={couples.in_half_a_year(shop)}")
    assert "Once the deposit of $1,000.00 is paid" in words(page.soup, "#summary")
    album = f"add_on_{shop.add_ons['Album']}"
    changed = send(client, shop, filled(client, shop, **{album: "2", "intent": "summary", "pay": "full"}))
    told = words(changed.soup, "#summary")
    assert "Once the deposit" not in told
    assert "Once the whole $2,600.00 is paid" in told
    assert "you get $1,300.00 back" in told


def test_terms_that_changed_since_the_form_was_shown_sell_nothing(client: FlaskClient, shop: Business) -> None:
    fields = filled(client, shop)
    terms.set_business_terms(shop.id, TERMS, MovePolicy(61, 1, (), None, MovePrice.OLD, may_change_package=False))
    page = send(client, shop, fields)
    assert page.status == 409
    assert "The offer has changed" in page.alert


def test_later_terms_do_not_reach_a_booking(client: FlaskClient, shop: Business) -> None:
    booking = sold.sell(shop)
    terms.set_business_terms(shop.id, CancellationPolicy((), Kept.NOTHING, 0, 0, None, 0), MOVES)
    with database.reading(shop.id):
        kept = queries.by_reference(shop.id, booking.reference).policy
    assert (kept.cancellation, kept.moving, kept.deposit_cents) == (TERMS, MOVES, 100_000)


def test_the_couple_reads_the_terms_on_their_page_and_in_their_mail(
    client: FlaskClient, shop: Business, var_dir: Path
) -> None:
    booking = sold.sell(shop, second_email=None)
    day = couples.in_half_a_year(shop)
    first, second = (long(day - timedelta(days=days)) for days in (90, 30))
    said = (
        "If you cancel, nothing is given back.",
        f"Until {first} you get $1,000.00 back, until {second} $500.00, then nothing.",
        f"You can move your date until {long(day - timedelta(days=60))}.",
    )
    client.get(link_to(shop, booking))
    page = client.get(f"/manage/{booking.reference}").text
    mailroom.drain(shop.id)
    written = mailroom.letters(var_dir / "mail")
    (letter,) = [each for each in written if booking.reference in each.text and each.to == "anna@couple.example"]
    for sentence in said:
        assert sentence in page
        assert sentence in letter.text
        assert sentence in letter.html
