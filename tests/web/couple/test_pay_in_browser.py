"""The pages of a payment in Chromium: readable by everybody, at any width, in the light and in the dark."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.kernel import time
from portal.lifecycle.hold import Held
from portal.web.application import Application
from tests.support import browser, leaving, paying
from tests.support.browser import AXE
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


def link(shop: Business, held: Held) -> str:
    assert held.checkout_id
    return link_to(shop, Sold(held.booking_id, held.reference, held.checkout_id))


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_every_page_is_accessible_and_fits(
    chromium: Browser, site: str, till: Till, shop: Business, screen: Screen
) -> None:
    scheme, width = screen
    held = leaving.sold(till, shop)
    paying.in_instalments(shop, held, 40_000, 60_000)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page, tag = context.new_page(), f"{width}-{scheme}"
    page.goto(f"{site}{link(shop, held)}")
    read(page, f"manage-{tag}")
    page.click(f"a[href$='/manage/{held.reference}/pay']")
    read(page, f"choice-{tag}")
    paying.due_on(shop, held, shop.tenant.today(time.now()) - timedelta(days=9))
    page.reload()
    read(page, f"overdue-{tag}")
    for box in page.locator("input[name=stage]").all():
        box.uncheck()
    page.click("main form button:not([name])")
    expect(page.locator("#f-stage-error")).to_be_visible()
    read(page, f"nothing-{tag}")
    till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=9)
    page.locator("input[name=stage]").first.check()
    page.click("main form button:not([name])")
    expect(page.locator("h1")).to_contain_text("did not answer")
    read(page, f"again-{tag}")
    till.stripe.clear_faults()
    paying.ask(shop, held)
    session = paying.sessions(shop, held)[-1]
    back = f"{site}/manage/{held.reference}/paid?session={session}"
    page.goto(back)
    read(page, f"waiting-{tag}")
    till.stripe.pay(session)
    till.deliver()
    page.goto(back)
    read(page, f"received-{tag}")
    page.goto(f"{site}/manage/{held.reference}/pay")
    read(page, f"all-paid-{tag}")
    context.close()
