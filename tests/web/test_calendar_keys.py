"""The month calendar under the fingers: arrows, Enter, the next month by HTMX with focus kept, and no JavaScript."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.kernel import time
from portal.web.application import Application
from tests.support import world
from tests.support.windows import SCREENS, Screen, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow

FOCUSED = "document.activeElement.dataset.on ?? document.activeElement.id"


@pytest.fixture(scope="module")
def shop(app: Application) -> Business:
    return world.open_shop()


@pytest.fixture
def month(shop: Business) -> str:
    """A month that lies wholly ahead."""
    ahead = (time.now().date().replace(day=1) + timedelta(days=70)).replace(day=1)
    return ahead.isoformat()[:7]


@pytest.fixture
def page(chromium: Browser, site: str, shop: Business, month: str) -> Iterator[Page]:
    opened = chromium.new_page()
    opened.goto(f"{site}{shop.url('packages/whole-day')}?month={month}")
    yield opened
    opened.close()


def test_arrows_move_from_day_to_day_and_only_one_day_is_in_the_tab_order(page: Page, month: str) -> None:
    page.locator(f"[data-on='{month}-01']").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == f"{month}-02"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == f"{month}-09"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(FOCUSED) == f"{month}-01"
    assert page.locator("td .day[tabindex='0']").count() == 1


def test_enter_on_a_day_opens_the_booking_form_with_that_day(page: Page, month: str) -> None:
    page.locator(f"[data-on='{month}-12']").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/book/whole-day\?date={month}-12"))
    expect(page.locator("input[name=date]")).to_have_value(f"{month}-12")


def test_past_the_last_day_the_next_month_comes_and_focus_is_on_its_first_day(page: Page, month: str) -> None:
    page.evaluate("window.stillHere = true")
    page.locator("td .day[data-on]").last.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"[data-on^='{month}']")).to_have_count(0)
    expect(page.locator("[data-on$='-01']")).to_be_focused()
    assert page.evaluate("window.stillHere"), "the whole page was fetched"


def test_the_next_month_button_keeps_focus_the_address_follows_and_the_month_is_said(page: Page, month: str) -> None:
    page.locator("a.calendar-turn.next").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-on^='{month}']")).to_have_count(0)
    expect(page.locator("a.calendar-turn.next")).to_be_focused()
    expect(page).not_to_have_url(re.compile(month))
    expect(page.get_by_role("status").filter(has_text=re.compile("."))).to_have_text(
        page.locator("#calendar-title").inner_text()
    )


def test_without_javascript_the_next_month_and_a_day_are_links(
    chromium: Browser, site: str, shop: Business, month: str
) -> None:
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{site}{shop.url('packages/whole-day')}?month={month}")
    plain.locator("a.calendar-turn.next").click()
    expect(plain.locator(f"[data-on^='{month}']")).to_have_count(0)
    plain.locator("a.day.free").first.click()
    expect(plain.locator("input[name=date]")).not_to_have_value("")
    plain.context.close()


@pytest.mark.parametrize("screen", SCREENS[:2], ids=str)
def test_everybody_can_read_storefront_package_and_form(
    chromium: Browser, site: str, shop: Business, screen: Screen
) -> None:
    opened = window(chromium, screen)
    for path in ("", "packages/whole-day", "book/whole-day"):
        opened.goto(site + shop.url(path))
        read(opened, f"storefront-{path}-{screen}")
    opened.close()
