"""A business shares what it kept: one couple cancels, another books the day, and the first gets money and a mail."""

from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from portal.tenants import service as tenants
from tests.support import people
from tests.support.mailroom import Letter
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business


def set_share(owner: Visit, percent: str) -> None:
    """The owner signs in, looks at the example and saves."""
    page, shop = owner.page, owner.shop
    owner.open("/login")
    page.fill("[name=email]", people.person(shop.id).email)
    page.fill("[name=password]", people.PASSWORD)
    page.click("main button[type=submit]")
    owner.open(f"/dashboard/{shop.slug}/settings/terms")
    page.fill("[name=rebooked_percent]", percent)
    if owner.has_script:
        page.locator("[name=rebooked_percent]").blur()
    else:
        page.click("button[value=example]")
    expect(page.locator("#example")).to_contain_text(f"{percent}% of what was kept goes back to you as well.")
    page.click("text=Save these terms")
    expect(page.locator(".notice.good")).to_contain_text("Saved")


@pytest.mark.parametrize("has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")])
def test_the_first_couple_gets_its_share_when_the_second_has_paid(
    chrome: Browser, bella: Business, here: Site, *, has_script: bool
) -> None:
    tenants.change_tenant(bella.id, undo_minutes=0)
    with visit(chrome, here, bella, java_script_enabled=has_script) as owner:
        set_share(owner, "50")
    with visit(chrome, here, bella, java_script_enabled=has_script) as first:
        page = first.page
        first.go_to_package()
        expect(page.locator(".promises")).to_contain_text("50% of what was kept goes back to you as well.")
        reference = first.book()
        confirmation = first.mails(2)[0]
        assert "50% of what was kept goes back to you as well." in confirmation.text
        page.goto(first.link_in(confirmation))
        expect(page.locator(".promises")).to_contain_text("50% of what was kept")
        page.click(f"a[href='/manage/{reference}/cancel']")
        page.click("main form button")
        # 1,742.00 is the deposit, which is kept.
        expect(page.locator("main")).to_contain_text("a further $871.00 goes back to you")
        page.check("#f-is_sure")
        page.click("main form button")
        cancelled = page.get_by_text("This booking was cancelled.")
        eventually(lambda: renewed(page) and cancelled.count(), "the cancellation")
        expect(page.locator("main")).to_contain_text("If your date is booked again, 50% of what was kept")
        with visit(chrome, here, bella, java_script_enabled=has_script) as second:
            second.book()
            assert second.said == []
        told = next(mail for mail in eventually(lambda: again(first), "the mail") if mail.to == first.people()["email"])
        assert "A further $871.00 goes back to you." in told.text
        page.goto(first.link_in(told))
        done = page.locator("#h-refunds + ul li", has_text="$871.00").get_by_text("Done")
        eventually(lambda: renewed(page) and done.count(), "the refund")
        expect(page.locator("main")).to_contain_text("Your date was booked again: a further $871.00 goes back to you.")
        assert first.said == []
    back = rows(bella, "SELECT sum(amount_cents) FROM ledger_entry WHERE kind = 'refund'")
    assert back == [(-87_100,)]
    made = [event["data"]["object"] for event in here.stripe.events() if event["type"] == "refund.created"]
    assert [each["amount"] for each in made if each["metadata"]["booking"] == reference] == [87_100]


def renewed(page: Page) -> bool:
    """Load the page again; one that is just being left for another is looked at the next time."""
    with suppress(Error):
        page.reload()
    return True


def again(couple: Visit) -> list[Letter]:
    """The mails that speak of the new sale, once both are there."""
    found = [mail for mail in couple.mails(2) if "booked again" in mail.subject]
    return found if len(found) > 1 else []
