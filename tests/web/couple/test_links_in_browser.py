"""The pages of links in Chromium, the couple's and its guests': readable by all, on a small phone, too."""

import pytest
from playwright.sync_api import Browser, Page

from portal.bookings.states import LinkAction
from portal.db import database
from tests.support import leaving, sold
from tests.support.site import eventually
from tests.support.sold import Sold
from tests.support.windows import SCREENS, Screen, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to, spoil
from tests.web.couple.test_purposes import minted

pytestmark = pytest.mark.slow
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def share(page: Page, home: str, action: str, label: str) -> str:
    """Make a link; its path."""
    page.goto(f"{home}/links")
    page.fill("#f-label", label)
    page.check(f"[value={action}]")
    page.click("button:has-text('Make the link')")
    return "/m/" + page.locator("#f-link").input_value().rpartition("/")[2]


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_couple_looks_over_its_links(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    booking = sold.sell(shop, second_email="ben@couple.example")
    page = window(chromium, screen, permissions=CLIPBOARD)
    home = f"{site}/manage/{booking.reference}"
    for address in ("anna@couple.example", "ben@couple.example"):
        page.goto(site + link_to(shop, booking, recipient=address))
    page.click(f'a[href="/manage/{booking.reference}/links"]')
    page.click("button:has-text('Make the link')")
    assert page.locator("#f-label-error").is_visible()
    read(page, f"links-fault-{screen}")
    share(page, home, "look", "Our planner, Frederica von Hohenstein-Montgomery")
    read(page, f"links-made-{screen}")
    page.click("button:has-text('Copy')")
    page.wait_for_selector("button:has-text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#f-link").input_value()
    share(page, home, "pay", "Mum & Dad")
    page.click("a:has-text('All your links')")
    read(page, f"links-list-{screen}")
    page.click("li:has-text('Mum & Dad') button")
    page.wait_for_selector("text=It opens nothing any more")
    assert page.locator("li:has-text('Mum & Dad')").count() == 0
    page.close()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_those_who_were_given_one(chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen) -> None:
    page, home = window(chromium, screen), f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    links = {action: share(page, home, action, "Mum & Dad") for action in ("look", "pay")}
    page.close()
    for action, link in links.items():
        page = window(chromium, screen)
        page.goto(site + link)
        assert page.url == f"{home}/{action}"
        read(page, f"guest-{action}-{screen}")
        assert noted(shop, action)
        spoil(shop, "revoked_at")
        page.reload()
        read(page, f"guest-{action}-ended-{screen}")
        mend(shop)
        page.close()


def noted(shop: Business, action: str) -> bool:
    """Whether the page has told that its link was opened."""

    def look() -> bool:
        with database.reading(shop.id):
            opened = "SELECT 1 FROM booking_event WHERE kind = 'link_opened' AND details ->> 'action' = %s"
            return bool(database.value(opened, action))

    eventually(look, f"word of the link to {action}")
    return True


def mend(shop: Business) -> None:
    """The links work again."""
    with database.writing(shop.id):
        database.execute("UPDATE booking_action_token SET revoked_at = NULL")


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_cancellation_by_its_own_link(
    chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen
) -> None:
    leaving.terms(shop, booking, kept='"nothing"')
    link, page = minted(shop, booking, LinkAction.CANCEL), window(chromium, screen)
    page.goto(site + link)
    read(page, f"direct-start-{screen}")
    page.click("main form button")
    page.check("#f-is_sure")
    read(page, f"direct-shown-{screen}")
    page.click("main form button")
    page.wait_for_url("**/done")
    read(page, f"direct-done-{screen}")
    page.goto(site + link)
    read(page, f"direct-used-{screen}")
    page.click("main form button")
    page.wait_for_selector("text=A new link is on its way")
    read(page, f"direct-renewed-{screen}")
    page.close()
