"""The pages of details, add-ons and addresses in Chromium: readable by all, on a small phone, too."""

import pytest
from playwright.sync_api import Browser

from portal.bookings import address_changes
from portal.db import database
from portal.kernel import time
from portal.tenants import service as tenants
from portal.web import limits
from tests.support import leaving
from tests.support.sold import Sold
from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_couples_pages(chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen) -> None:
    limits._in_process.cache_clear()
    shop.add_on("Second photographer, from the morning on", cents=80_000, most=1)
    page = window(chromium, screen)
    home = f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    page.click(f'a[href="/manage/{booking.reference}/details"]')
    read(page, f"details-{screen}")
    page.fill("#f-first_partner", "")
    page.fill("#f-guest_count", "many")
    page.click("form[action$='/details'] button")
    assert page.locator("#f-first_partner-error").is_visible()
    read(page, f"details-faults-{screen}")
    page.goto(f"{home}/details")
    page.click("summary:has-text('another address')")
    page.fill("#f-email", "an-address-that-is-long-indeed.and-longer@a-very-long-domain-name.example")
    read(page, f"address-{screen}")
    page.click("form[action$='/address'] button")
    page.wait_for_selector("text=We have asked")
    read(page, f"address-asked-{screen}")
    page.locator("#add-ons input[type=number]").first.fill("2")
    page.click("form[action$='/add-ons'] button")
    page.wait_for_selector("text=$600.00 more")
    read(page, f"add-ons-{screen}")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"add-ons-done-{screen}")
    page.goto(site + link_in_mail(shop, booking))
    read(page, f"new-address-{screen}")
    page.click("main form button")
    page.wait_for_url(home)
    assert page.get_by_text("From now on we write to your new address").is_visible()
    page.close()


def test_what_cannot_be_changed_says_so(chromium: Browser, site: str, shop: Business, booking: Sold) -> None:
    tenants.change_tenant(shop.id, details_cutoff_days=1_000)
    page = window(chromium, Screen("light", 390))
    page.goto(site + link_to(shop, booking))
    page.goto(f"{site}/manage/{booking.reference}/details")
    read(page, "details-late")
    leaving.cancelling(shop, booking)
    page.reload()
    read(page, "details-cancelling")
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_owners_pages(chromium: Browser, site: str, shop: Business, width: int) -> None:
    page = window(chromium, Screen("light", width))
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/details")
    page.fill("#f-details_cutoff_days", "never")
    page.click("main form.form button")
    read(page, f"owner-cutoff-{width}")
    page.close()


def link_in_mail(shop: Business, booking: Sold) -> str:
    with database.reading(shop.id):
        (change,) = address_changes.waiting(shop.id, booking.booking_id, at=time.now())
    return f"/m/{address_changes.mint_link(shop.id, change, at=time.now()).raw}"
