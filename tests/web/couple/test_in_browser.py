"""The couple's pages and the mailbox in Chromium: readable by everybody, at any width, in the light and in the dark."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from portal.kernel import time
from tests.support import couples, mailroom, sold
from tests.support.sold import Sold
from tests.support.windows import Screen, read, window
from tests.support.world import Business
from tests.web.couple.conftest import link_to

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_small_phone(
    chromium: Browser, site: str, shop: Business, booking: Sold, scheme: Literal["light", "dark"]
) -> None:
    held = couples.hold(shop, event_on=couples.in_half_a_year(shop, plus=4))
    mailroom.drain(shop.id)
    page = window(chromium, Screen(scheme, 320))
    page.goto(site + link_to(shop, Sold(held.booking_id, held.reference, booking.checkout_id)))
    page.goto(site + link_to(shop, booking))
    for address in (
        f"/manage/{booking.reference}",
        f"/manage/{held.reference}",
        "/manage/2345-6789",
        f"/m/{'x' * 43}",
        f"/t/{shop.slug}/find-booking",
        "/dev/mail",
    ):
        page.goto(site + address)
        read(page, f"couple-{address}-{scheme}")
    page.locator("table a").first.click()
    read(page, f"couple-letter-{scheme}")
    page.close()


def test_a_link_in_a_mail_leads_out_of_the_mailbox_to_the_booking_and_its_calendar(
    chromium: Browser, site: str, shop: Business
) -> None:
    sold.sell(shop, email="browser@couple.example", second_email=None, at=time.now())
    mailroom.drain(shop.id)
    page = chromium.new_context().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}/dev/mail")
    row = page.locator("tr", has_text="browser@couple.example").first
    row.locator("a").click()
    link = page.frame_locator("iframe").get_by_role("link", name="Open your booking")
    address = link.get_attribute("href")
    assert address
    page.goto(site + address[address.index("/m/") :])
    assert "/m/" not in page.url
    assert page.get_by_role("heading", level=1).inner_text().startswith("Anna Smith")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == "booking.ics"
    assert said == []
    page.context.close()
