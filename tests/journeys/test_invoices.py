"""An owner says who they are, issues an invoice by hand, sends it again and keeps all documents in one file."""

import io
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.kernel import time
from tests.journeys.stops import log_in
from tests.support import people, sold
from tests.support.mailroom import letters
from tests.support.site import Site, eventually
from tests.support.visit import Visit, visit
from tests.support.world import Business

pytestmark = pytest.mark.slow
WITH_AND_WITHOUT = pytest.mark.parametrize(
    "has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")]
)


def until(page: Page, text: str, *, has_script: bool) -> None:
    """A page that waits looks by itself, or at the press of its link."""
    main = page.locator("main")
    if has_script:
        expect(main).to_contain_text(text, timeout=60_000)
        return

    def look() -> bool:
        if text not in main.inner_text():
            page.locator("#look-again").click()
        return text in main.inner_text()

    eventually(look, text)


def settle(seat: Visit, home: str) -> None:
    """Say who the business is, and that it issues by hand."""
    page = seat.page
    seat.open(f"{home}/settings/invoices")
    paper = page.frame_locator("iframe.paper")
    expect(paper.locator(".sheet")).to_contain_text("Juniper & Rye")
    page.fill("[name=legal_name]", "Juniper & Rye LLC")
    if seat.has_script:
        page.locator("[name=legal_name]").blur()
    else:
        page.click("button[name=intent][value=preview]")
    expect(paper.locator(".sheet")).to_contain_text("Juniper & Rye LLC")
    by_hand = page.locator("[name=issue_when][value=by_hand]")
    if seat.has_script:  # one request after the other: what is cut off is a complaint
        with page.expect_response("**/settings/invoices"):
            by_hand.check()
    else:
        by_hand.check()
    page.click("#save")
    expect(page.locator("main")).to_contain_text("Saved.")


@WITH_AND_WITHOUT
def test_settle_issue_send_and_keep(chrome: Browser, bella: Business, here: Site, *, has_script: bool) -> None:
    owner = people.person(bella.id)
    home = f"/dashboard/{bella.slug}"
    with visit(chrome, here, bella, java_script_enabled=has_script) as seat:
        page = seat.page
        seat.open("/login")
        log_in(page, owner.email)
        settle(seat, home)
        booking = sold.sell(bella)
        seat.open(f"{home}/bookings/{booking.reference}")
        page.get_by_role("link", name="Invoices and receipts").click()
        page.get_by_role("link", name="Issue an invoice by hand").click()
        expect(page.frame_locator("iframe.paper").locator(".sheet")).to_contain_text("Juniper & Rye LLC")
        page.click("#issue")
        number = f"{bella.slug.upper()}_{bella.tenant.today(time.now()).year}_001"
        page.get_by_role("link", name=number).click()
        until(page, "Made once, and kept as it is.", has_script=has_script)
        page.get_by_role("button", name="Send it to the couple").click()
        expect(page.locator("main")).to_contain_text("It is on its way to")
        eventually(lambda: [each for each in letters(here.mail) if f"{number}.pdf" in each.attachments], "the mail")
        page.get_by_role("link", name="Something on it is wrong?").click()
        expect(page.locator("main")).to_contain_text("An issued document stays as it is.")
        seat.open(f"{home}/invoices")
        page.click("button#export")
        until(page, "The file is ready.", has_script=has_script)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download", exact=True).click()
        names = zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())).namelist()
        assert f"{number}.pdf" in names
        assert seat.said == []
