"""The list of messages and the ways out of an address that takes no mail, in Chromium at any width, light and dark."""

import re

import pytest
from playwright.sync_api import Browser, expect

from portal.db import database
from portal.kernel import time
from portal.messages import planning, service, stopped
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.messages.stopped import Reason
from tests.support import sold
from tests.support.windows import SCREENS, Screen, log_in, read, window
from tests.support.world import Business

pytestmark = pytest.mark.slow
ANNA = "anna@couple.example"


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_an_address_that_takes_no_mail_is_seen_and_put_right(
    chromium: Browser, site: str, shop: Business, screen: Screen
) -> None:
    booking = sold.sell(shop)
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    _letters(shop, booking)
    page, home = window(chromium, screen), f"{site}/dashboard/{shop.slug}"
    log_in(page, site, shop)
    page.get_by_role("link", name="Messages", exact=True).click()
    read(page, f"messages-{screen}")
    page.select_option("[name=shown]", label="To come")
    page.click("form.filters button")
    expect(page).to_have_url(re.compile("shown=coming"))
    read(page, f"messages-to-come-{screen}")
    page.goto(f"{home}/messages?q=nobody")
    read(page, f"messages-none-{screen}")
    page.goto(f"{home}/bookings/{booking.reference}")
    read(page, f"booking-without-mail-{screen}")
    page.get_by_role("link", name="Correct the address").click()
    page.fill("#f-email", "anne")
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    page.get_by_role("button", name="Ask the new address").click()
    expect(page.locator("#f-email")).to_be_focused()
    read(page, f"correcting-with-a-fault-{screen}")
    page.fill("#f-email", "anne@couple.example")
    page.get_by_role("button", name="Ask the new address").click()
    expect(page.get_by_text("We have written to anne@couple.example")).to_be_visible()
    page.get_by_role("button", name="It works again").click()
    expect(page.get_by_text("We no longer write to")).to_have_count(0)
    page.goto(f"{home}/messages?shown=failed")
    page.get_by_role("button", name="Send it once more").first.click()
    expect(page.get_by_text("The email is sent once more.")).to_be_visible()
    page.close()


def test_lists_are_filtered_though_nothing_is_chosen(chromium: Browser, site: str, shop: Business) -> None:
    """“All of them” is a choice that a browser takes."""
    page, home = window(chromium, SCREENS[0]), f"{site}/dashboard/{shop.slug}"
    log_in(page, site, shop)
    for name in ("bookings", "invoices", "messages"):
        page.goto(f"{home}/{name}")
        page.fill("form.filters [name=q]", "anna")
        page.locator("form.filters button").first.click()
        expect(page).to_have_url(re.compile(f"/{name}[?].*q=anna"))
    page.close()


def _letters(shop: Business, booking: sold.Sold) -> None:
    """One that left and arrived, one that came back, one on its way."""
    to = [Addressed(each, Audience.COUPLE) for each in (ANNA, "ben@couple.example")]
    at, kind = time.now(), MessageKind.CONFIRMATION
    failed, sent = service.owe(shop.id, booking.booking_id, kind, slot="s", to=to, at=at)
    service.owe(shop.id, booking.booking_id, MessageKind.MANAGE_LINK, slot="s", to=to[1:], at=at)
    service.record_sent(shop.id, sent, provider_message_id="x", at=at)
    service.record_failed(shop.id, failed, failure=stopped.SENTENCE)
    stopped.stop(shop.id, ANNA, Reason.BOUNCED, at=at)
    with database.writing(shop.id):
        database.execute("UPDATE message SET delivered_at = sent_at WHERE id = %s", sent)
