"""A taken date is asked for twice, given up, offered in turn, given back, and booked by who came second."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, expect

from portal.promises import waiting as promises
from portal.tenants import service as tenants
from tests.support.mailroom import Letter, letters
from tests.support.queues import statuses
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business

pytestmark = pytest.mark.slow
LINK = re.compile(r"http://localhost:\d+/w/[\w-]{43}")
AHEAD = 80


def address(couple: Visit, name: str) -> str:
    return f"{name.lower()}@{couple.shop.slug}.example"


def mail(couple: Visit, name: str, subject: str) -> Letter:
    """The mail with such a subject to somebody who waits, once it is there."""

    def look() -> list[Letter]:
        sent = letters(couple.site.mail)
        return [letter for letter in sent if letter.to == address(couple, name) and subject in letter.subject]

    return eventually(look, f"the mail to {name}")[0]


def open_link(couple: Visit, letter: Letter) -> None:
    found = LINK.search(letter.text)
    assert found
    assert found[0] in letter.html
    couple.page.goto(found[0])
    assert "/w/" not in couple.page.url


def ask(couple: Visit, name: str) -> None:
    """From the front page to the list, by the calendar."""
    page = couple.page
    couple.go_to_package()
    couple.pick(couple.day(AHEAD))  # which the page of the list shows, too
    page.go_back()
    expect(page.locator(f"a[data-on='{couple.day(AHEAD)}']")).to_have_accessible_name(re.compile("taken, ask for it$"))
    page.go_forward()
    page.fill("[name=name]", f"{name} & Max")
    page.fill("[name=email]", "no address")
    page.click("main form button")
    expect(page.locator("#f-email-error")).to_be_visible()
    page.fill("[name=email]", address(couple, name))
    page.click("main form button")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are on the list")


@contextmanager
def windows(chrome: Browser, site: Site, shop: Business, *, has_script: bool) -> Iterator[tuple[Visit, Visit, Visit]]:
    """Three couples, each with a window of its own; no console has anything to complain about."""
    with ExitStack() as open_:
        couples = [open_.enter_context(visit(chrome, site, shop, java_script_enabled=has_script)) for _ in range(3)]
        yield couples[0], couples[1], couples[2]
        assert [each.said for each in couples] == [[], [], []]


@pytest.mark.parametrize("has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")])
def test_a_date_that_is_given_up_is_offered_in_turn_and_booked_by_who_waited(
    chrome: Browser, bella: Business, here: Site, *, has_script: bool
) -> None:
    tenants.change_tenant(bella.id, undo_minutes=0)
    with windows(chrome, here, bella, has_script=has_script) as (first, zoe, yan):
        reference = first.book(AHEAD)
        for couple, name in ((zoe, "Zoe"), (yan, "Yan")):
            ask(couple, name)
        open_link(yan, mail(yan, "Yan", "You are on the list"))
        expect(yan.page.locator("main")).to_contain_text("You are number 2 in line.")
        first.open(f"/manage/{reference}/cancel")
        first.page.click("main form button")
        first.page.check("#f-is_sure")
        first.page.click("main form button")
        open_link(zoe, mail(zoe, "Zoe", "is free, and kept for you"))
        expect(zoe.page.get_by_role("heading", level=1)).to_have_text("Your date is free")
        yan.open(bella.url(f"book/{yan.package}?date={yan.day(AHEAD)}"))
        expect(yan.page.locator("#f-date-error")).to_contain_text("is not free any more")
        zoe.page.get_by_role("button", name="We do not need it any more").click()
        expect(zoe.page.get_by_role("heading", level=1)).to_have_text("You are not on the list any more")
        open_link(yan, mail(yan, "Yan", "is free, and kept for you"))
        yan.page.get_by_role("link", name="Book this date").click()
        expect(yan.page.locator(".notice.good")).to_contain_text("is kept for you until")
        expect(yan.page.locator("[name=email]")).to_have_value(address(yan, "Yan"))
        yan.fill_in(email=address(yan, "Yan"), second_email="")
        yan.hold()
        yan.pay()
        yan.await_link()
        expect(yan.page.get_by_role("heading", level=1)).to_have_text("The date is yours")
    assert statuses(bella) == {"Zoe": "left", "Yan": "taken"}
    assert rows(bella, "SELECT status FROM booking ORDER BY created_at") == [("cancelled",), ("confirmed",)]
    assert promises.days() == []
