"""The choice of notices in Chromium: read, changed and put right at any width, in light and in dark."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_what_is_heard_of_and_how_is_chosen(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    page = window(chromium, screen)
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/notices")
    read(page, f"notices-{screen}")
    page.select_option("#f-booking", label="In the daily summary")
    page.fill("#f-at", "")
    page.click("main form button")
    expect(page.locator("#f-at")).to_be_focused()
    expect(page.locator("#f-booking")).to_have_value("daily")
    read(page, f"notices-with-a-fault-{screen}")
    page.fill("#f-at", "18:00")
    page.click("main form button")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#f-booking")).to_have_value("daily")
    page.close()
