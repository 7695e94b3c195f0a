"""The pages of a cancellation in Chromium, the couple's and the owner's: readable by all, on a small phone, too."""

import pytest
from playwright.sync_api import Browser

from portal.bookings.states import Actor
from portal.kernel import time
from portal.lifecycle import cancel, finish
from tests.support import leaving, sold
from tests.support.sold import Sold
from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_couples_pages(chromium: Browser, site: str, shop: Business, booking: Sold, screen: Screen) -> None:
    leaving.terms(shop, booking, kept='"nothing"', flat_fee_cents="12550")
    page = window(chromium, screen)
    home = f"{site}/manage/{booking.reference}"
    page.goto(site + link_to(shop, booking))
    page.click(f'a[href="/manage/{booking.reference}/cancel"]')
    read(page, f"couple-start-{screen}")
    page.click("main form button")
    read(page, f"couple-shown-{screen}")
    page.click("main form button")
    assert page.locator("#f-is_sure-error").is_visible()
    read(page, f"couple-untick-{screen}")
    page.fill("#f-reason", "We have moved to Lisbon, and the whole family with us.")
    page.check("#f-is_sure")
    page.click("main form button")
    page.wait_for_url(home)
    read(page, f"couple-cancelling-{screen}")
    finish.finish(shop.id, booking.booking_id, at=time.now() + leaving.WINDOW)
    page.reload()
    read(page, f"couple-cancelled-{screen}")
    page.goto(f"{home}/cancel")
    read(page, f"couple-stands-{screen}")
    page.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_owners_pages(chromium: Browser, site: str, shop: Business, width: int) -> None:
    booking = sold.sell(shop)
    page = window(chromium, Screen("light", width))
    home = f"{site}/dashboard/{shop.slug}/bookings/{booking.reference}"
    log_in(page, site, shop)
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
    page.close()


def test_a_cancellation_by_the_business_reads_well(chromium: Browser, site: str, shop: Business, booking: Sold) -> None:
    at = time.now()
    quote = cancel.see(
        shop.id, booking.booking_id, actor=Actor.OWNER, refund_cents=100_000, reason="The barn has burnt down.", at=at
    )
    cancel.confirm(shop.id, booking.booking_id, quote.id, actor=Actor.OWNER, at=at)
    page = window(chromium, Screen("light", 390))
    page.goto(site + link_to(shop, booking))
    assert page.get_by_text("The barn has burnt down.").is_visible()
    assert page.get_by_role("button", name="Keep our booking").count() == 0
    read(page, "couple-by-business")
    page.close()
