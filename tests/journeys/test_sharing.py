"""A couple shares a link to look and one to pay, and ends both: with JavaScript and without it.

Every request of every window is listened to: no token is ever in a Referer, nor in an address after the redirect.
"""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.journeys.test_paying_the_rest import held_of
from tests.support import paying
from tests.support.site import Site
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business

_LINK = re.compile(r"http://localhost:\d+/m/[\w-]{43}")


@dataclass
class Ear:
    """What the browsers tell others."""

    referers: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("request", self._hear)
        page.on("framenavigated", lambda frame: self.addresses.append(frame.url))

    def _hear(self, request: Request) -> None:
        self.referers.append(request.all_headers().get("referer", ""))


def share(couple: Visit, reference: str, action: str, label: str) -> str:
    """The couple makes a link and copies it."""
    page = couple.page
    couple.open(f"/manage/{reference}/links")
    page.fill("[name=label]", label)
    page.check(f"[value={action}]")
    page.click(f"form[action='/manage/{reference}/links'] button")
    link = page.locator("#f-link").input_value()
    assert _LINK.fullmatch(link)
    return link


def end(couple: Visit, reference: str, label: str) -> None:
    couple.open(f"/manage/{reference}/links")
    couple.page.click(f"li:has-text('{label}') button")
    expect(couple.page.locator("main")).to_contain_text("The link has ended")


def pay_the_rest(parents: Visit, here: Site, reference: str) -> None:
    page = parents.page
    page.get_by_role("button", name="Pay $1,742.00").click()
    page.wait_for_url(f"{here.stripe.base_url}/**")
    expect(page.locator("body")).not_to_contain_text("couple.example")
    page.get_by_label("Email").fill("mum@parents.example")
    parents.pay()
    arrived = page.get_by_role("heading", name="We received $1,742.00")
    page.wait_for_url(f"{here.url}/manage/{reference}/paid**")
    if parents.has_script:
        expect(arrived).to_be_visible(timeout=30_000)
    else:
        parents.look_until(arrived)
    expect(page.get_by_role("link", name="Open your booking")).to_have_count(0)


@pytest.mark.parametrize("has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")])
def test_share_to_look_and_to_pay_and_end_both(
    chrome: Browser, bella: Business, here: Site, *, has_script: bool
) -> None:
    options, ear = {"java_script_enabled": has_script}, Ear()
    with visit(chrome, here, bella, **options) as couple:
        reference = couple.book()
        home = f"{here.url}/manage/{reference}"
        link = couple.link_in(couple.mails(2)[0])
        couple.page.context.clear_cookies()
        ear.listen(couple.page)
        couple.page.goto(link)
        look, pay = (share(couple, reference, *each) for each in (("look", "Our planner"), ("pay", "Mum and Dad")))
        with visit(chrome, here, bella, **options) as planner:
            ear.listen(planner.page)
            planner.page.goto(look)
            assert planner.page.url == f"{home}/look"
            expect(planner.page.locator("main")).to_contain_text("The Old Mill")
            for words in ("$", "couple.example", "Two small children"):
                expect(planner.page.locator("main")).not_to_contain_text(words)
            planner.page.goto(f"{home}/pay")
            expect(planner.page.get_by_role("heading", name="Open your booking")).to_be_visible()
            planner.page.goto(home)
            assert planner.page.url == f"{home}/look"
            with visit(chrome, here, bella, **options) as parents:
                ear.listen(parents.page)
                parents.page.goto(pay)
                assert parents.page.url == f"{home}/pay"
                pay_the_rest(parents, here, reference)
                for label in ("Our planner", "Mum and Dad"):
                    end(couple, reference, label)
                parents.page.goto(pay)
                expect(parents.page.get_by_role("heading", name="This link has ended")).to_be_visible()
                parents.page.goto(f"{home}/pay")
                expect(parents.page.get_by_role("heading", name="This link has ended")).to_be_visible()
                said = [*couple.said, *planner.said, *parents.said]
            planner.page.reload()
            expect(planner.page.get_by_role("heading", name="This link has ended")).to_be_visible()
        couple.open(f"/manage/{reference}")
        timeline = couple.page.locator(".timeline")
        for words in ("Our planner · only looks", "Mum and Dad · only pays", "with the link for Mum and Dad"):
            expect(timeline).to_contain_text(words)
        expect(couple.page.locator("main")).to_contain_text("Everything is paid")
    assert said == []
    links = {look, pay, link}
    tokens = [each.rpartition("/")[2] for each in links]
    assert not found(tokens, ear.referers)
    assert not found(tokens, [each for each in ear.addresses if each not in links])
    assert not found(tokens, logs(here))
    assert not paying.open_stages(bella, held_of(bella, reference))
    payer = "SELECT details ->> 'payer' AS payer FROM booking_event WHERE kind = 'payment' ORDER BY sequence"
    assert rows(bella, payer) == [(None,), ("Mum and Dad",)]


def found(tokens: list[str], texts: list[str]) -> list[str]:
    """Those that stand anywhere in these."""
    return [token for token in tokens for text in texts if token in text]


def logs(here: Site) -> list[str]:
    """What the site's programs have written."""
    return [program.log.read_text("utf-8", errors="replace") for program in (here.web, here.worker)]
