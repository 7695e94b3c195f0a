"""A couple keeps a date without paying, another asks for it, and the first pays or gives it back."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, expect

from portal.tenants.service import change_tenant
from tests.support.mailroom import Letter, letters
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business

both = pytest.mark.parametrize(
    "has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")]
)
pytestmark = pytest.mark.slow


@pytest.fixture
def kind_bella(bella: Business) -> Business:
    """The photographers keep a date for a week."""
    change_tenant(bella.id, courtesy_days=7)
    return bella


def keep(couple: Visit, day: date) -> str:
    """From the calendar to a date that is kept; the booking's reference."""
    page = couple.page
    couple.go_to_package()
    couple.pick(day)
    couple.fill_in()
    page.check("input[name=pay][value=keep]")
    if not couple.has_script:
        page.click("button[name=intent]")
        page.check("[name=terms]")
    expect(page.locator("#summary")).to_contain_text("Due now")
    expect(page.locator("#summary")).to_contain_text("To book it, until the end of")
    page.click(".form-end button[type=submit]")
    expect(page.get_by_role("heading", name="We keep the date for you")).to_be_visible()
    reference = couple.reference
    page.get_by_role("link", name="Open your booking").click()
    expect(page.locator("main")).to_contain_text("nothing was charged")
    return reference


def ask_for(chrome: Browser, here: Site, shop: Business, day: date, *, has_script: bool) -> list[str]:
    """Another couple, on the page of the taken date."""
    with visit(chrome, here, shop, java_script_enabled=has_script) as other:
        other.open(shop.url(f"waitlist/{other.package}?date={day}"))
        other.page.fill("[name=name]", "Cleo & Max")
        other.page.fill("[name=email]", f"cleo@{shop.slug}.couple.example")
        other.page.click("main form button[type=submit]")
        other.page.wait_for_url("**sent=1**")
        return other.said


def mailed(here: Site, shop: Business, matches: Callable[[Letter], bool]) -> Letter:
    def look() -> Letter | None:
        mine = [letter for letter in letters(here.mail) if shop.slug in letter.to]
        return next((letter for letter in reversed(mine) if matches(letter)), None)

    return eventually(look, "a mail")


@both
def test_challenged_the_couple_pays_and_the_date_is_theirs(
    chrome: Browser, kind_bella: Business, here: Site, *, has_script: bool
) -> None:
    with visit(chrome, here, kind_bella, java_script_enabled=has_script) as couple:
        page, day = couple.page, couple.day()
        reference = keep(couple, day)
        held = mailed(here, kind_bella, lambda letter: letter.subject.startswith("We keep"))
        assert couple.link_in(held)
        said = couple.said + ask_for(chrome, here, kind_bella, day, has_script=has_script)
        asked = mailed(here, kind_bella, lambda letter: letter.subject.startswith("Somebody else would like"))
        page.goto(f"{couple.link_in(asked)}?to=pay")
        expect(page.get_by_role("heading", name="Book the date")).to_be_visible()
        page.click("main form button:not([name])")
        page.wait_for_url(f"{here.stripe.base_url}/**")
        couple.pay()
        page.wait_for_url(f"{here.url}/manage/{reference}/paid**")
        arrived = page.get_by_text("The date is yours.")
        if has_script:
            expect(arrived).to_be_visible(timeout=30_000)
        else:
            couple.look_until(arrived)
        mailed(here, kind_bella, lambda letter: letter.subject.startswith("Your date is booked"))
        said += couple.said
    assert rows(kind_bella, "SELECT status FROM booking") == [("confirmed",)]
    assert said == []


@both
def test_challenged_the_couple_gives_it_back_and_the_other_is_offered_it(
    chrome: Browser, kind_bella: Business, here: Site, *, has_script: bool
) -> None:
    with visit(chrome, here, kind_bella, java_script_enabled=has_script) as couple:
        page, day = couple.page, couple.day()
        reference = keep(couple, day)
        said = ask_for(chrome, here, kind_bella, day, has_script=has_script)
        mailed(here, kind_bella, lambda letter: letter.subject.startswith("Somebody else would like"))
        couple.open(f"/manage/{reference}")
        expect(page.locator("main")).to_contain_text("Somebody else would like your date")
        page.get_by_role("link", name="Give the date back").click()
        page.check("[name=is_sure]")
        page.click("main form button[type=submit]")
        expect(page.locator("main")).to_contain_text("You gave the date back")
        said += couple.said
    offer = mailed(here, kind_bella, lambda letter: letter.to.startswith("cleo@") and "/w/" in letter.text)
    assert f"{day.year}" in offer.text
    assert rows(kind_bella, "SELECT status FROM booking") == [("cancelled",)]
    assert said == []
