"""The pages of a move in Chromium, the couple's and the owner's: readable by all, on a phone and on a desk."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import leaving, shifting, sold
from tests.support.sold import Sold
from tests.support.till import Till, till
from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to

__all__ = ["till"]
pytestmark = pytest.mark.slow


def turn_to(page: Page, day: date) -> None:
    """Turn the calendar to a day's month."""
    while not page.locator(f"button[data-on='{day}']").count():
        title = page.locator("#calendar-title").text_content() or ""
        page.click("a.calendar-turn.next")
        expect(page.locator("#calendar-title")).not_to_have_text(title)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_couples_pages(chromium: Browser, site: str, till: Till, shop: Business, screen: Screen) -> None:
    held = leaving.sold(till, shop)
    shifting.terms(shop, held, fees_cents="[5000]", farthest_days="60", may_change_package="true")
    shop.package("weekend", cents=260_000, days=2)
    sold.sell(shop, event_on=shifting.later(shop, 2))
    page = window(chromium, screen)
    home = f"{site}/manage/{held.reference}"
    page.goto(site + link_to(shop, Sold(held.booking_id, held.reference, held.booking_id)))
    read(page, f"move-booking-{screen}")
    page.click(f'a[href="/manage/{held.reference}/reschedule"]')
    read(page, f"move-choose-{screen}")
    page.click(".date-form button:has-text('See what changes')")
    expect(page.locator("#f-event_on-error")).to_be_visible()
    read(page, f"move-untyped-{screen}")
    turn_to(page, shifting.later(shop, 7))
    page.click(f"button[data-on='{shifting.later(shop, 7)}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"move-free-{screen}")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"move-done-{screen}")
    page.goto(f"{home}/reschedule?package=weekend")
    read(page, f"move-package-{screen}")
    page.fill("input[name=event_on]", str(shifting.later(shop, 14)))
    page.click(".date-form button:has-text('See what changes')")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"move-fee-{screen}")
    page.click("main form button")
    page.wait_for_url(f"{till.stripe.base_url}/**")
    for address in (home, f"{home}/reschedule"):
        page.goto(address)
        expect(page.get_by_role("button", name="Keep the date as it is")).to_be_visible()
        read(page, f"move-waits-{address == home}-{screen}")
    page.close()


def test_by_keyboard_alone(chromium: Browser, site: str, till: Till, shop: Business) -> None:
    held, new = leaving.sold(till, shop), shifting.later(shop, 1)
    page = window(chromium)
    page.goto(site + link_to(shop, Sold(held.booking_id, held.reference, held.booking_id)))
    page.goto(f"{site}/manage/{held.reference}/reschedule?month={new:%Y-%m}")
    page.locator(f"button[data-on='{new}']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.on") == str(new)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    page.get_by_role("button", name="Move the date").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/manage/{held.reference}")
    assert shifting.day(shop, held) == new
    page.close()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_owners_pages(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    booking = sold.sell(shop)
    page = window(chromium, screen)
    home = f"{site}/dashboard/{shop.slug}/bookings/{booking.reference}"
    log_in(page, site, shop)
    page.goto(home)
    read(page, f"owner-booking-{screen}")
    page.click(f"a[href$='{booking.reference}/move']")
    read(page, f"owner-move-{screen}")
    page.fill("#f-fee", "75.50")
    page.keyboard.press("Enter")
    expect(page.locator("#f-event_on-error")).to_be_visible()
    read(page, f"owner-untyped-{screen}")
    new = shifting.later(shop, 40)
    turn_to(page, new)
    expect(page.locator("#f-fee")).to_have_value("75.50")
    page.click(f"button[data-on='{new}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"owner-shown-{screen}")
    page.click("main form.form button")
    page.wait_for_url(home)
    read(page, f"owner-moved-{screen}")
    assert shifting.day(shop, booking) == new
    page.close()
