"""A couple changes what it booked: another address, confirmed from its mail; another album, seen, then paid."""

import re

import pytest
from playwright.sync_api import Browser, expect

from portal.db import database
from tests.support.mailroom import Letter, letters
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business

MODES = [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")]


def mail_to(site: Site, address: str, words: str) -> Letter:
    """The mail that somebody gets, once it is there."""
    (found,) = eventually(
        lambda: [each for each in letters(site.mail) if each.to == address and words in each.subject][-1:],
        f"a mail to {address}: {words}",
    )
    return found


def to_details(couple: Visit) -> None:
    couple.page.get_by_role("link", name="Change your details").click()
    expect(couple.page.get_by_role("heading", name="Your details")).to_be_visible()


@pytest.mark.parametrize("has_script", MODES)
def test_another_address(chrome: Browser, bella: Business, here: Site, *, has_script: bool) -> None:
    new = f"vale@{bella.slug}.new.example"
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        page, reference = couple.page, couple.book()
        old, first = couple.people()["email"], couple.mails(2)
        link = couple.link_in(next(each for each in first if each.to == old))
        page.goto(link)
        to_details(couple)
        page.fill("[name=venue]", "The Barn")
        page.click("form[action$='/details'] button")
        expect(page.locator("main")).to_contain_text("The Old Mill → The Barn")
        to_details(couple)
        page.click("summary")
        page.fill("[name=email]", new)
        page.click("form[action$='/address'] button")
        expect(page.locator("#addresses")).to_contain_text(f"We have asked {new}")
        question = couple.link_in(mail_to(here, new, "Is this your address?"))
        with visit(chrome, here, bella, java_script_enabled=has_script) as later:
            later.page.goto(question)
            expect(later.page.locator("main")).to_contain_text(new)
            expect(later.page.locator("main")).not_to_contain_text("Anna")
            later.page.get_by_role("button", name="Yes, this is our address").click()
            later.page.wait_for_url(f"{here.url}/manage/{reference}")
            expect(later.page.locator("h1")).to_contain_text("Anna")
            assert later.said == []
        told = mail_to(here, old, "was changed")
        assert "/m/" not in told.text
        assert re.search(r"/m/[\w-]{43}", mail_to(here, new, "new link").text)
        for dead in (link, question, f"{here.url}/manage/{reference}"):
            page.goto(dead)
            expect(page.locator("main")).not_to_contain_text("Anna")
        page.goto(couple.link_in(mail_to(here, new, "new link")))
        expect(page.locator("h1")).to_contain_text("Anna")
        assert couple.said == []


@pytest.mark.parametrize("has_script", MODES)
def test_another_album(chrome: Browser, bella: Business, here: Site, *, has_script: bool) -> None:
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        page, reference = couple.page, couple.book()
        page.goto(couple.link_in(couple.mails(2)[0]))
        to_details(couple)
        page.fill(f"[name='{couple.add_on}']", "1")
        page.get_by_role("button", name="See the new price").click()
        expect(page.locator("h1")).to_have_text("$849.23 more")
        page.get_by_role("button", name="Change the add-ons").click()
        page.wait_for_url(f"{here.url}/manage/{reference}")
        page.get_by_role("link", name="Pay", exact=True).click()
        page.get_by_role("button", name="Pay $2,591.23").click()
        page.wait_for_url(f"{here.stripe.base_url}/**")
        couple.pay()
        page.wait_for_url(f"{here.url}/manage/{reference}/paid**")
        arrived = page.get_by_role("heading", name="We received $2,591.23")
        if has_script:
            expect(arrived).to_be_visible(timeout=30_000)
        else:
            couple.look_until(arrived)
        page.get_by_role("link", name="Open your booking").click()
        to_details(couple)
        page.fill(f"[name='{couple.add_on}']", "0")
        page.get_by_role("button", name="See the new price").click()
        expect(page.locator("h1")).to_have_text("$849.23 less")
        expect(page.locator("main")).to_contain_text("What goes back to you")
        page.get_by_role("button", name="Change the add-ons").click()
        page.wait_for_url(f"{here.url}/manage/{reference}")
        assert couple.said == []
    sums = "SELECT kind, sum(amount_cents)::int FROM ledger_entry GROUP BY kind ORDER BY kind"
    wanted = [("capture", 433_323), ("refund", -84_923)]
    eventually(lambda: rows(bella, sums) == wanted, "the money to be where it belongs")
    with database.reading(bella.id):
        assert database.value("SELECT total_cents FROM booking") == 348_400
