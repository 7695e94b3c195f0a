"""The page of calendars in Chromium: everybody can read it at any width, and it follows a check by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.calendars import connections, feeds, reading
from portal.db import database
from portal.kernel import time
from portal.web.application import Application
from tests.support import browser, people
from tests.support.browser import AXE
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(app: Application) -> Iterator[str]:
    with browser.served(app) as url:
        yield url


def faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({iframes: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [*found, *([f"{width} px too wide"] if width > 0 else [])]


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_can_be_read_and_says_what_is_wrong_once_it_is_known(
    chromium: Browser, site: str, shop: Business, width: int
) -> None:
    feeds.make(shop.id, resource_id=None, at=time.now())
    connections.connect(
        shop.id, resource_id=shop.resource_id, name="Private", address="https://calendars.example/a.ics",
        is_whole_days_only=True, at=time.now(),
    )  # fmt: skip
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{site}/login")
    page.fill("[name=email]", people.person(shop.id).email)
    page.fill("[name=password]", people.PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{site}/dashboard/{shop.slug}/settings/calendars")
    expect(page.get_by_text("Being read now.")).to_be_visible()
    assert faults(page) == []
    with database.writing(shop.id):
        database.execute(
            "UPDATE calendar_connection SET asked_at = NULL, checked_at = %s, failure = %s", time.now(), reading.A_PAGE
        )
    expect(page.get_by_text("This address shows a web page")).to_be_visible()
    expect(page.get_by_text("Being read now.")).to_have_count(0)
    assert faults(page) == []
    page.close()
