"""The terms' page in Chromium: the example follows what is typed, and everybody can read it at any width."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.support.windows import Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_with_terms_are_accessible_and_fit_a_small_phone(
    chromium: Browser, site: str, shop: Business, scheme: Literal["light", "dark"]
) -> None:
    page = window(chromium, Screen(scheme, 320))
    log_in(page, site, shop)
    settings = f"/dashboard/{shop.slug}/settings/terms"
    for path in (settings, f"{settings}/whole-day", shop.url("packages/whole-day"), shop.url("book/whole-day")):
        page.goto(site + path)
        read(page, f"terms-{path}-{scheme}")
    page.goto(site + settings)
    page.locator("summary").click()
    page.fill("[name=tier_percent_1]", "1000")
    page.click("text=Save these terms")
    expect(page.locator("#f-tier_percent_1")).to_be_focused()
    read(page, f"terms-faults-{scheme}")
    page.close()


def test_the_example_follows_what_is_typed_and_keeps_the_focus(chromium: Browser, site: str, shop: Business) -> None:
    page = chromium.new_context().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/terms")
    example = page.locator("#example")
    expect(example).to_contain_text("$1,000.00")
    page.fill("[name=tier_percent_1]", "73")
    page.keyboard.press("Tab")
    expect(example).to_contain_text("$730.00")
    expect(page.locator("[name=tier_days_2]")).to_be_focused()
    page.fill("[name=tier_percent_1]", "730")
    page.keyboard.press("Tab")
    expect(example).to_contain_text("between 0 and 100")
    page.locator("label", has_text="A booking fee").click()
    expect(page.locator("[name=booking_fee]")).to_be_visible()
    assert said == []
    page.context.close()


def test_it_all_works_without_javascript(chromium: Browser, site: str, shop: Business) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/terms")
    page.fill("[name=tier_percent_1]", "73")
    page.click("text=Update the example")
    expect(page.locator("#example")).to_contain_text("$730.00")
    expect(page.locator("[name=tier_percent_1]")).to_have_value("73")
    page.click("text=Save these terms")
    expect(page.locator("[role=status]").first).to_contain_text("These terms hold for bookings from now on")
    page.context.close()
