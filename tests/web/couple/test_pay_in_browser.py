"""The pages of a payment in Chromium: readable by everybody, at any width, in the light and in the dark."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from portal.kernel import time
from portal.lifecycle.hold import Held
from tests.support import leaving, paying
from tests.support.sold import Sold
from tests.support.till import Till, till
from tests.support.windows import SCREENS, Screen, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to

__all__ = ["till"]
pytestmark = pytest.mark.slow


def link(shop: Business, held: Held) -> str:
    assert held.checkout_id
    return link_to(shop, Sold(held.booking_id, held.reference, held.checkout_id))


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_every_page_is_accessible_and_fits(
    chromium: Browser, site: str, till: Till, shop: Business, screen: Screen
) -> None:
    held = leaving.sold(till, shop)
    paying.in_instalments(shop, held, 40_000, 60_000)
    page = window(chromium, screen)
    page.goto(f"{site}{link(shop, held)}")
    read(page, f"manage-{screen}")
    page.click(f"a[href$='/manage/{held.reference}/pay']")
    read(page, f"choice-{screen}")
    paying.due_on(shop, held, shop.tenant.today(time.now()) - timedelta(days=9))
    page.reload()
    read(page, f"overdue-{screen}")
    for box in page.locator("input[name=stage]").all():
        box.uncheck()
    page.click("main form button:not([name])")
    expect(page.locator("#f-stage-error")).to_be_visible()
    read(page, f"nothing-{screen}")
    till.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=9)
    page.locator("input[name=stage]").first.check()
    page.click("main form button:not([name])")
    expect(page.locator("h1")).to_contain_text("did not answer")
    read(page, f"again-{screen}")
    till.stripe.clear_faults()
    paying.ask(shop, held)
    session = paying.sessions(shop, held)[-1]
    back = f"{site}/manage/{held.reference}/paid?session={session}"
    page.goto(back)
    read(page, f"waiting-{screen}")
    till.stripe.pay(session)
    till.deliver()
    page.goto(back)
    read(page, f"received-{screen}")
    page.goto(f"{site}/manage/{held.reference}/pay")
    read(page, f"all-paid-{screen}")
    page.close()
