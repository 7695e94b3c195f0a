"""A couple books with a deposit and pays the rest early, in parts, from its mail: to the cent as at Stripe."""

import pytest
from playwright.sync_api import Browser, expect

from portal.db import database
from portal.lifecycle.hold import Held
from tests.support import paying
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business


def held_of(shop: Business, reference: str) -> Held:
    with database.reading(shop.id):
        booking_id = database.value("SELECT id FROM booking WHERE reference = %s", reference)
    return Held(booking_id, reference, None, None)


def captured_at_stripe(couple: Visit) -> int:
    """What Stripe took for this business, by its own account."""
    reference = couple.shop.slug
    events = couple.site.stripe.events()
    paid = [event["data"]["object"] for event in events if event["type"] == "checkout.session.completed"]
    return sum(each["amount_total"] for each in paid if reference in each["customer_email"])


@pytest.mark.parametrize("has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")])
def test_book_with_a_deposit_and_pay_the_rest_early_in_parts(
    chrome: Browser, bella: Business, here: Site, *, has_script: bool
) -> None:
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        reference = couple.book()
        link = couple.link_in(couple.mails(2)[0])
        said = couple.said
    held = held_of(bella, reference)
    with visit(chrome, here, bella, java_script_enabled=has_script) as later:
        page = later.page
        # 1,742.00 is the half that is left of 3,484.00.
        first, second, third = paying.in_instalments(bella, held, 42_000, 42_000, 90_200)
        page.goto(f"{link}?to=pay")
        boxes = page.locator("input[name=stage]")
        assert [box.is_checked() for box in boxes.all()] == [True, False, False]
        page.check(f"input[value='{third}']")
        if not has_script:
            page.click("button[value=sum]")
        expect(page.locator("#pay-total")).to_contain_text("$1,322.00")
        page.click("main form button:not([name])")
        page.wait_for_url(f"{here.stripe.base_url}/**")
        later.pay()
        page.wait_for_url(f"{here.url}/manage/{reference}/paid**")
        arrived = page.get_by_role("heading", name="We received $1,322.00")
        if has_script:
            expect(arrived).to_be_visible(timeout=30_000)
        else:
            later.look_until(arrived)
        page.get_by_role("link", name="Open your booking").click()
        page.get_by_role("link", name="Pay", exact=True).click()
        page.get_by_role("button", name="Pay $420.00").click()
        page.wait_for_url(f"{here.stripe.base_url}/**")
        later.pay()
        done = page.get_by_role("heading", name="We received $420.00")
        page.wait_for_url(f"{here.url}/manage/{reference}/paid**")
        if has_script:
            expect(done).to_be_visible(timeout=30_000)
        else:
            later.look_until(done)
        expect(page.locator("main")).to_contain_text("Everything is paid now")
        said += later.said
        assert {first, second, third}.isdisjoint(paying.open_stages(bella, held))
        captured = rows(bella, "SELECT amount_cents FROM ledger_entry WHERE kind = 'capture' ORDER BY amount_cents")
        assert captured == [(42_000,), (132_200,), (174_200,)]
        assert captured_at_stripe(later) == 348_400
        receipts = [mail for mail in later.mails(6) if "We received your payment" in mail.subject]
        assert {mail.to for mail in receipts} == {later.people()[name] for name in ("email", "second_email")}
    assert said == []
    eventually(lambda: not paying.open_stages(bella, held), "nothing left to pay")
