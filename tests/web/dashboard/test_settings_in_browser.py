"""The settings in Chromium: the index and the pages that are a number can be read by everybody, at any width."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_from_the_index_to_a_number_and_back(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    page = window(chromium, screen)
    log_in(page, site, shop)
    page.get_by_role("navigation").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    read(page, f"settings-{screen}")
    page.get_by_role("link", name="Time to take a cancellation back").click()
    page.fill("#f-undo_minutes", "for ever")
    page.click("main form button")
    expect(page.locator("#f-undo_minutes")).to_be_focused()
    read(page, f"settings-number-{screen}")
    page.get_by_role("main").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    page.close()
