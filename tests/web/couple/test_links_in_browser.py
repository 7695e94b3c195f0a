"""The pages of links in Chromium, the couple's and its guests': readable by all, on a small phone, too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from portal.bookings.states import LinkAction
from portal.db import database
from portal.web.application import Application
from tests.support import browser, leaving, sold
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to, spoil
from tests.web.couple.test_cancel_in_browser import SCREENS, Screen, read
from tests.web.couple.test_purposes import minted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(app: Application) -> Iterator[str]:
    with browser.served(app) as url:
        yield url


def window(chromium: Browser, screen: Screen) -> BrowserContext:
    scheme, width = screen
    return chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip


def share(page: Page, home: str, action: str, label: str) -> str:
    """Make a link; its path."""
    page.goto(f"{home}/links")
    page.fill("#f-label", label)
    page.check(f"[value={action}]")
    page.click("button:has-text('Make the link')")
    return "/m/" + page.locator("#f-link").input_value().rpartition("/")[2]


@pytest.mark.parametrize("screen", [*SCREENS, ("light", 390)], ids=str)
def test_the_couple_looks_over_its_links(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    booking = sold.sell(shop, second_email="ben@couple.example")
    context = window(chromium, screen)
    page, home = context.new_page(), f"{site}/manage/{booking.reference}"
    name = f"{screen[1]}-{screen[0]}"
    for address in ("anna@couple.example", "ben@couple.example"):
        page.goto(site + link_to(shop, booking, recipient=address))
    page.click(f'a[href="/manage/{booking.reference}/links"]')
    page.click("button:has-text('Make the link')")
    assert page.locator("#f-label-error").is_visible()
    read(page, f"links-fault-{name}")
    share(page, home, "look", "Our planner, Frederica von Hohenstein-Montgomery")
    read(page, f"links-made-{name}")
    page.click("button:has-text('Copy')")
    page.wait_for_selector("button:has-text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#f-link").input_value()
    share(page, home, "pay", "Mum & Dad")
    page.click("a:has-text('All your links')")
    read(page, f"links-list-{name}")
    page.click("li:has-text('Mum & Dad') button")
    page.wait_for_selector("text=It opens nothing any more")
    assert page.locator("li:has-text('Mum & Dad')").count() == 0
    context.close()


@pytest.mark.parametrize("screen", [*SCREENS, ("light", 390)], ids=str)
def test_those_who_were_given_one(chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen) -> None:
    couple = window(chromium, screen)
    page, home = couple.new_page(), f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    links = {action: share(page, home, action, "Mum & Dad") for action in ("look", "pay")}
    couple.close()
    for action, link in links.items():
        guest = window(chromium, screen)
        page = guest.new_page()
        page.goto(site + link)
        assert page.url == f"{home}/{action}"
        read(page, f"guest-{action}-{screen[1]}-{screen[0]}")
        spoil(shop, "revoked_at")
        page.reload()
        read(page, f"guest-{action}-ended-{screen[1]}-{screen[0]}")
        mend(shop)
        guest.close()


def mend(shop: Business) -> None:
    """The links work again."""
    with database.writing(shop.id):
        database.execute("UPDATE booking_action_token SET revoked_at = NULL")


@pytest.mark.parametrize("screen", [*SCREENS, ("light", 390)], ids=str)
def test_a_cancellation_by_its_own_link(
    chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen
) -> None:
    leaving.terms(shop, booking, kept='"nothing"')
    link, name = minted(shop, booking, LinkAction.CANCEL), f"{screen[1]}-{screen[0]}"
    context = window(chromium, screen)
    page = context.new_page()
    page.goto(site + link)
    read(page, f"direct-start-{name}")
    page.click("main form button")
    page.check("#f-is_sure")
    read(page, f"direct-shown-{name}")
    page.click("main form button")
    page.wait_for_url("**/done")
    read(page, f"direct-done-{name}")
    page.goto(site + link)
    read(page, f"direct-used-{name}")
    page.click("main form button")
    page.wait_for_selector("text=A new link is on its way")
    read(page, f"direct-renewed-{name}")
    context.close()
