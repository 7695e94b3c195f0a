"""A booking's page in Chromium: a message whose time has come and has not left, and a day that is busy elsewhere."""

import pytest
from playwright.sync_api import Browser, expect

from portal.availability import outside
from portal.calendars import connections
from portal.db import database
from portal.kernel import time
from portal.messages import planning, steering
from tests.support import plans, sold
from tests.support.couples import in_half_a_year
from tests.support.windows import Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", [Screen("light", 1280), Screen("dark", 320)])
def test_what_waits_and_what_clashes_is_said_where_it_is_looked_for(
    chromium: Browser, site: str, shop: Business, screen: Screen
) -> None:
    booking = sold.sell(shop)
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    diary = connections.connect(
        shop.id, resource_id=shop.resource_id, name="Private", address="https://calendars.example/a.ics",
        is_whole_days_only=True, at=time.now(),
    )  # fmt: skip
    outside.replace(shop.id, connection_id=diary, resource_id=shop.resource_id, days=[in_half_a_year(shop)])
    soon = plans.reminders(shop)[0]
    with database.reading(shop.id):
        message_id = database.value("SELECT id FROM message WHERE kind = %s LIMIT 1", soon.kind)
    steering.send_now(shop.id, booking.booking_id, message_id, user_id=None, at=time.now())
    page = window(chromium, screen)
    log_in(page, site, shop)
    page.goto(f"{site}/dashboard/{shop.slug}/bookings/{booking.reference}")
    expect(page.get_by_text("is also busy in “Private”. The booking stands.")).to_be_visible()
    waiting = page.get_by_role("row").filter(has_text="can still be stopped")
    expect(waiting).to_have_count(1)
    expect(waiting.get_by_role("button")).to_have_count(1)
    read(page, f"coming-{screen}")
    waiting.get_by_role("button").click()
    expect(page.get_by_text("This message is left out.")).to_be_visible()
    expect(page.get_by_text("can still be stopped")).to_have_count(0)
    page.close()
