"""The words of emails in Chromium: everybody can read the pages and the emails, and the way works without scripts."""

import pytest
from playwright.sync_api import Browser, expect

from portal.db import database
from portal.kernel import time
from portal.messages.wording import rehearsal, store
from portal.messages.wording.cases import CASES
from portal.messages.wording.store import Wording
from tests.support import people, sold, windows
from tests.support.browser import AXE
from tests.support.windows import Screen
from tests.support.world import Business

pytestmark = pytest.mark.slow
SCREENS = [Screen("light", 390), Screen("dark", 390), Screen("light", 1280), Screen("dark", 1280)]
# A mail stands within the page of a mail program, which has the landmarks.
MAIL_RUN = (
    "axe.run({rules: {region: {enabled: false}, 'landmark-one-main': {enabled: false}}})"
    ".then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
)
WRITTEN = Wording("We can’t wait, {couple}!", "Hi {couple},\n\nwe look forward to {day}.\nSee you there!")


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_pages_can_be_read(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    sold.sell(shop)
    page = windows.window(chromium, screen)
    windows.log_in(page, site, shop)
    home = f"{site}/dashboard/{shop.slug}/settings/words"
    page.goto(f"{home}/confirmation")
    windows.read(page, f"wording-{screen}")
    page.fill("[name=subject]", WRITTEN.subject)
    page.fill("[name=body]", "Hi {copule}")
    page.click("button[value=save]")
    expect(page.locator("#f-body-error")).to_contain_text("{copule}")
    windows.read(page, f"wording-fault-{screen}")
    page.fill("[name=body]", WRITTEN.body)
    page.click("button[value=look]")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    frame = page.frame_locator("iframe.letter")
    expect(frame.get_by_text("Hi Anna Smith & Ben Jones,")).to_be_visible()
    windows.read(page, f"wording-look-{screen}")
    page.click("button[value=save]")
    expect(page.get_by_text("Saved. Couples get these words from now on.")).to_be_visible()
    page.click("summary:has-text('Back to the original')")
    windows.read(page, f"wording-saved-{screen}")
    page.goto(home)
    windows.read(page, f"words-{screen}")
    page.context.close()


@pytest.mark.parametrize("screen", [SCREENS[1], SCREENS[2]], ids=str)
def test_every_email_can_be_read(chromium: Browser, site: str, shop: Business, screen: Screen) -> None:
    booking = sold.sell(shop)
    page = windows.window(chromium, screen)
    page.goto(f"{site}/login")
    with database.reading(shop.id):
        mails = {
            key: rehearsal.rehearse(
                shop.tenant, case, booking.reference, WRITTEN if "day" in case.fields and "couple" in case.fields
                else None, to="anna@couple.example", at=time.now(),
            )
            for key, case in CASES.items()
        }  # fmt: skip
    for key, mail in mails.items():
        page.set_content(mail.html)
        assert page.title() == mail.subject
        assert page.locator("html").get_attribute("lang") == "en-US"
        assert page.locator("h1").count() == 1
        assert page.locator("table:not([role=presentation])").count() == 0
        page.evaluate(AXE.read_text())
        assert page.evaluate(MAIL_RUN) == [], key
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), key
    page.context.close()


def test_without_scripts_words_are_written_looked_at_saved_and_taken_back(
    chromium: Browser, site: str, shop: Business
) -> None:
    owner = people.person(shop.id)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/login")
    page.fill("[name=email]", owner.email)
    page.fill("[name=password]", people.PASSWORD)
    page.click("main form button")
    page.goto(f"{site}/dashboard/{shop.slug}/settings")
    page.click("text=Emails to couples")
    page.click("main >> text=Thanks after the day")
    page.fill("[name=subject]", WRITTEN.subject)
    page.fill("[name=body]", WRITTEN.body)
    page.click("button[value=look]")
    expect(page.frame_locator("iframe.letter").get_by_text("Hi Emma & Noah,")).to_be_visible()
    page.click("button[value=save]")
    with database.reading(shop.id):
        assert store.kept(shop.id, "follow_up", owner.user_id).used == WRITTEN
    page.click("summary:has-text('Back to the original')")
    page.click("button[value=reset]")
    with database.reading(shop.id):
        assert store.kept(shop.id, "follow_up", owner.user_id).used is None
    context.close()
