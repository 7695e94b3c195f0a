"""The pages of details, add-ons and addresses in Chromium: readable by all, on a small phone, too."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from portal.bookings import address_changes
from portal.db import database
from portal.kernel import time
from portal.tenants import service as tenants
from portal.web import limits
from portal.web.application import Application
from tests.support import browser, leaving
from tests.support.browser import AXE
from tests.support.people import PASSWORD, person
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to

pytestmark = pytest.mark.slow
Screen = tuple[Literal["light", "dark"], int]
SCREENS: list[Screen] = [("light", 320), ("dark", 320), ("light", 390), ("light", 1280)]
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


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_couples_pages(chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen) -> None:
    scheme, width = screen
    limits._in_process.cache_clear()
    shop.add_on("Second photographer, from the morning on", cents=80_000, most=1)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    home = f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    page.click(f'a[href="/manage/{booking.reference}/details"]')
    read(page, f"details-{width}-{scheme}")
    page.fill("#f-first_partner", "")
    page.fill("#f-guest_count", "many")
    page.click("form[action$='/details'] button")
    assert page.locator("#f-first_partner-error").is_visible()
    read(page, f"details-faults-{width}-{scheme}")
    page.goto(f"{home}/details")
    page.click("summary:has-text('another address')")
    page.fill("#f-email", "an-address-that-is-long-indeed.and-longer@a-very-long-domain-name.example")
    read(page, f"address-{width}-{scheme}")
    page.click("form[action$='/address'] button")
    page.wait_for_selector("text=We have asked")
    read(page, f"address-asked-{width}-{scheme}")
    page.locator("#add-ons input[type=number]").first.fill("2")
    page.click("form[action$='/add-ons'] button")
    page.wait_for_selector("text=$600.00 more")
    read(page, f"add-ons-{width}-{scheme}")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"add-ons-done-{width}-{scheme}")
    page.goto(site + link_in_mail(shop, booking))
    read(page, f"new-address-{width}-{scheme}")
    page.click("main form button")
    page.wait_for_url(home)
    assert page.get_by_text("From now on we write to your new address").is_visible()
    context.close()


def test_what_cannot_be_changed_says_so(chromium: Browser, site: str, shop: Business, booking: Sold) -> None:
    tenants.change_tenant(shop.id, details_cutoff_days=1_000)
    page = chromium.new_page(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page.goto(site + link_to(shop, booking))
    page.goto(f"{site}/manage/{booking.reference}/details")
    read(page, "details-late")
    leaving.cancelling(shop, booking)
    page.reload()
    read(page, "details-cancelling")
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_owners_pages(chromium: Browser, site: str, shop: Business, width: int) -> None:
    owner = person(shop.id)
    context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/login")
    page.fill("input[name=email]", owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.goto(f"{site}/dashboard/{shop.slug}/settings/details")
    page.fill("#f-details_cutoff_days", "never")
    page.click("main form.form button")
    read(page, f"owner-cutoff-{width}")
    context.close()


def link_in_mail(shop: Business, booking: Sold) -> str:
    with database.reading(shop.id):
        (change,) = address_changes.waiting(shop.id, booking.booking_id, at=time.now())
    return f"/m/{address_changes.mint_link(shop.id, change, at=time.now()).raw}"
