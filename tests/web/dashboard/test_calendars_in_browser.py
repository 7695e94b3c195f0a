"""The page of calendars in Chromium: everybody can read it at any width, and it follows a check by itself."""

import pytest
from playwright.sync_api import Browser, expect

from portal.calendars import connections, feeds, reading
from portal.db import database
from portal.kernel import time
from tests.support.windows import Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_can_be_read_and_says_what_is_wrong_once_it_is_known(
    chromium: Browser, site: str, shop: Business, width: int
) -> None:
    feeds.make(shop.id, resource_id=None, at=time.now())
    connections.connect(
        shop.id, resource_id=shop.resource_id, name="Private", address="https://calendars.example/a.ics",
        is_whole_days_only=True, at=time.now(),
    )  # fmt: skip
    page = window(chromium, Screen("light", width))
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/settings/calendars")
    expect(page.get_by_text("Being read now.")).to_be_visible()
    read(page, f"calendars-asked-{width}")
    with database.writing(shop.id):
        database.execute(
            "UPDATE calendar_connection SET asked_at = NULL, checked_at = %s, failure = %s", time.now(), reading.A_PAGE
        )
    expect(page.get_by_text("This address shows a web page")).to_be_visible()
    expect(page.get_by_text("Being read now.")).to_have_count(0)
    read(page, f"calendars-{width}")
    page.close()
