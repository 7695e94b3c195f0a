"""The pages of a cancellation in Chromium, the couple's and the owner's: readable by all, on a small phone, too."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from portal.bookings.states import Actor
from portal.kernel import time
from portal.lifecycle import cancel, finish
from portal.web.application import Application
from tests.support import browser, leaving, sold
from tests.support.browser import AXE
from tests.support.people import PASSWORD, person
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to

pytestmark = pytest.mark.slow
Screen = tuple[Literal["light", "dark"], int]
SCREENS: list[Screen] = [("light", 320), ("dark", 320), ("light", 1280)]
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
    leaving.terms(shop, booking, kept='"nothing"', flat_fee_cents="12550")
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    home = f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    page.click(f'a[href="/manage/{booking.reference}/cancel"]')
    read(page, f"couple-start-{width}-{scheme}")
    page.click("main form button")
    read(page, f"couple-shown-{width}-{scheme}")
    page.click("main form button")
    assert page.locator("#f-is_sure-error").is_visible()
    read(page, f"couple-untick-{width}-{scheme}")
    page.fill("#f-reason", "We have moved to Lisbon, and the whole family with us.")
    page.check("#f-is_sure")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"couple-cancelling-{width}-{scheme}")
    finish.finish(shop.id, booking.booking_id, at=time.now() + leaving.WINDOW)
    page.reload()
    read(page, f"couple-cancelled-{width}-{scheme}")
    page.goto(f"{home}/cancel")
    read(page, f"couple-stands-{width}-{scheme}")
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_owners_pages(chromium: Browser, site: str, shop: Business, width: int) -> None:
    booking, owner = sold.sell(shop), person(shop.id)
    context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    home = f"{site}/dashboard/{shop.slug}/bookings/{booking.reference}"
    page.goto(f"{site}/login")
    page.fill("input[name=email]", owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.goto(home)
    page.click("summary:has-text('Give money back')")
    read(page, f"owner-booking-{width}")
    page.goto(f"{home}/cancel")
    page.check("input[value=all]")
    page.click("main form.form button")
    read(page, f"owner-form-{width}")
    page.fill("#f-reason", "The barn has burnt down. We are so sorry.")
    page.check("input[value=all]")
    page.click("main form.form button")
    read(page, f"owner-shown-{width}")
    page.check("#f-is_sure")
    page.click("main form.form button")
    page.wait_for_url(home)
    read(page, f"owner-cancelling-{width}")
    page.goto(f"{site}/dashboard/{shop.slug}/settings/undo")
    read(page, f"owner-undo-{width}")
    context.close()


def test_a_cancellation_by_the_business_reads_well(chromium: Browser, site: str, shop: Business, booking: Sold) -> None:
    at = time.now()
    quote = cancel.see(
        shop.id, booking.booking_id, actor=Actor.OWNER, refund_cents=100_000, reason="The barn has burnt down.", at=at
    )
    cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.OWNER, at=at)
    page = chromium.new_page(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page.goto(site + link_to(shop, booking))
    assert page.get_by_text("The barn has burnt down.").is_visible()
    assert page.get_by_role("button", name="Keep our booking").count() == 0
    read(page, "couple-by-business")
    page.close()
