"""The journey when something gets in its way: a declined card, Stripe away, a change of mind, a slow way of paying.

Each in English with JavaScript, and in French without it.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from portal.db import database
from portal.devtools.stripe_emulator import CARD_DECLINED, CARD_DELAYED
from tests.support.site import Site
from tests.support.visit import Visit, visit

pytestmark = pytest.mark.slow

SOON_AGAIN = 20.0  # seconds, as the emulator begins


@pytest.fixture(params=["bella", "lumiere"])
def couple(request: pytest.FixtureRequest, chrome: Browser, here: Site) -> Iterator[Visit]:
    """A couple with the form of an English or a French business before them, everything filled in."""
    shop = request.getfixturevalue(request.param)
    with visit(chrome, here, shop, java_script_enabled=request.param == "bella") as going:
        going.open(shop.url(f"packages/{going.package}?month={going.day():%Y-%m}"))
        going.pick(going.day())
        going.fill_in()
        yield going
        assert going.said == []


def test_a_declined_card_and_then_one_that_pays(couple: Visit) -> None:
    couple.hold()
    couple.pay(CARD_DECLINED)
    expect(couple.page.get_by_role("alert")).to_contain_text("declined")
    couple.pay()
    couple.await_link()
    assert_booked_once(couple)
    assert rows(couple, "SELECT status FROM checkout") == [("paid",)]


def test_stripe_away_the_date_is_held_and_the_payment_is_tried_again(couple: Visit) -> None:
    page = couple.page
    couple.site.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=99)
    page.click(".form-end button[type=submit]")
    expect(page.locator("h1")).to_have_text(couple.words("Your date is held"))
    page.click("form[action*='/held/'] button")
    expect(page.locator("h1")).to_have_text(couple.words("Your date is held"))
    couple.site.stripe.clear_faults()
    page.click("form[action*='/held/'] button")
    couple.pay()
    couple.await_link()
    assert_booked_once(couple)


def test_back_from_stripe_another_day_and_an_add_on_and_then_paid(couple: Visit) -> None:
    page = couple.page
    couple.hold()
    total = page.locator(".total").inner_text()
    page.get_by_test_id("cancel").click()
    expect(page.locator("h1")).to_have_text(couple.words("Not paid yet"))
    page.click(f"main a[href*='/book/{couple.package}']")
    expect(page.locator("[name=first_partner]")).to_have_value("Anna Smith")
    couple.open(couple.shop.url(f"packages/{couple.package}?month={couple.day(87):%Y-%m}"))
    couple.pick(couple.day(87))
    expect(page.locator("[name=email]")).to_have_value(couple.people()["email"])
    couple.add(3)
    page.check("[name=terms]")
    couple.hold()
    expect(page.locator(".total")).not_to_have_text(total)
    couple.pay()
    couple.await_link()
    assert_booked_once(couple, ahead=87)
    assert rows(couple, "SELECT status FROM checkout ORDER BY attempt") == [("expired",), ("paid",)]


def test_after_going_back_the_open_payment_can_be_gone_on_with(couple: Visit) -> None:
    page = couple.page
    couple.hold()
    stripe = page.url
    page.get_by_test_id("cancel").click()
    page.click("form[action*='/held/'] button")
    expect(page).to_have_url(stripe)
    couple.pay()
    couple.await_link()
    assert_booked_once(couple)


def test_a_bank_that_takes_its_time_keeps_the_date_until_it_has_paid(couple: Visit) -> None:
    page, stripe = couple.page, couple.site.stripe
    couple.hold()
    session = re.search(r"cs_test_\w+", page.url)
    assert session
    stripe.set_delayed_after(None)
    try:
        couple.pay(CARD_DELAYED)
        page.wait_for_url(f"{couple.site.url}/**")
        if couple.has_script:
            expect(page.locator("h1")).to_have_text(couple.words("Your payment is on its way"), timeout=30_000)
        else:
            couple.look_until(page.get_by_role("heading", name=couple.words("Your payment is on its way")))
        assert rows(couple, "SELECT status FROM booking") == [("held",)]
        stripe.settle_delayed(session[0])
    finally:
        stripe.set_delayed_after(SOON_AGAIN)
    page.reload()
    couple.look_until(page.locator(f"main a[href='/manage/{couple.reference}']"))
    assert_booked_once(couple)


def assert_booked_once(couple: Visit, *, ahead: int = 80) -> None:
    """One booking, one payment, one day, whatever happened on the way."""
    assert rows(couple, "SELECT status, event_on FROM booking") == [("confirmed", couple.day(ahead))]
    assert rows(couple, "SELECT claimed_on, kind FROM date_claim") == [(couple.day(ahead), "event")]
    assert rows(couple, "SELECT kind FROM ledger_entry WHERE kind <> 'application_fee'") == [("capture",)]


def rows(couple: Visit, sql: str) -> list[tuple[Any, ...]]:
    with database.reading(couple.shop.id):
        return [tuple(row) for row in database.rows(sql)]
