"""The pages of a move in Chromium, the couple's and the owner's: readable by all, on a phone and on a desk."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.web.application import Application
from tests.support import browser, leaving, shifting, sold
from tests.support.browser import AXE
from tests.support.people import PASSWORD, person
from tests.support.sold import Sold
from tests.support.till import Till, till
from tests.support.world import Business
from tests.web.couple.conftest import link_to

__all__ = ["till"]
pytestmark = pytest.mark.slow
Screen = tuple[Literal["light", "dark"], int]
SCREENS: list[Screen] = [("light", 320), ("dark", 390), ("light", 1280), ("dark", 1280)]
PICTURES = os.environ.get("AISLE_PICTURES")  # a folder, to look at the pages


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(app: Application) -> Iterator[str]:
    with browser.served(app) as url:
        yield url


def read(page: Page, name: str) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({iframes: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    assert found == [], name
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], name
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def window(chromium: Browser, screen: Screen) -> Page:
    scheme, width = screen
    return chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )


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
    page, name = window(chromium, screen), f"{screen[1]}-{screen[0]}"
    home = f"{site}/manage/{held.reference}"
    page.goto(site + link_to(shop, Sold(held.booking_id, held.reference, held.booking_id)))
    read(page, f"move-booking-{name}")
    page.click(f'a[href="/manage/{held.reference}/reschedule"]')
    read(page, f"move-choose-{name}")
    page.click(".date-form button:has-text('See what changes')")
    expect(page.locator("#f-event_on-error")).to_be_visible()
    read(page, f"move-untyped-{name}")
    turn_to(page, shifting.later(shop, 7))
    page.click(f"button[data-on='{shifting.later(shop, 7)}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"move-free-{name}")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"move-done-{name}")
    page.goto(f"{home}/reschedule?package=weekend")
    read(page, f"move-package-{name}")
    page.fill("input[name=event_on]", str(shifting.later(shop, 14)))
    page.click(".date-form button:has-text('See what changes')")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"move-fee-{name}")
    page.click("main form button")
    page.wait_for_url(f"{till.stripe.base_url}/**")
    for address in (home, f"{home}/reschedule"):
        page.goto(address)
        expect(page.get_by_role("button", name="Keep the date as it is")).to_be_visible()
        read(page, f"move-waits-{address == home}-{name}")
    page.close()


def test_by_keyboard_alone(chromium: Browser, site: str, till: Till, shop: Business) -> None:
    held, new = leaving.sold(till, shop), shifting.later(shop, 1)
    page = window(chromium, ("light", 1280))
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
    booking, owner = sold.sell(shop), person(shop.id)
    page, name = window(chromium, screen), f"{screen[1]}-{screen[0]}"
    home = f"{site}/dashboard/{shop.slug}/bookings/{booking.reference}"
    page.goto(f"{site}/login")
    page.fill("input[name=email]", owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.goto(home)
    read(page, f"owner-booking-{name}")
    page.click(f"a[href$='{booking.reference}/move']")
    read(page, f"owner-move-{name}")
    page.fill("#f-fee", "75.50")
    page.keyboard.press("Enter")
    expect(page.locator("#f-event_on-error")).to_be_visible()
    read(page, f"owner-untyped-{name}")
    new = shifting.later(shop, 40)
    turn_to(page, new)
    expect(page.locator("#f-fee")).to_have_value("75.50")
    page.click(f"button[data-on='{new}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")
    read(page, f"owner-shown-{name}")
    page.click("main form.form button")
    page.wait_for_url(home)
    read(page, f"owner-moved-{name}")
    assert shifting.day(shop, booking) == new
    page.close()
