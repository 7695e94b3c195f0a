"""A couple books, moves its date for free, and moves it again for a fee paid at Stripe: with JavaScript and without.

In the end the days, the price and the ledger are what was shown, and Stripe has taken the same.
"""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_paying_the_rest import captured_at_stripe, held_of
from tests.support import shifting
from tests.support.site import Site, eventually
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business


def choose(couple: Visit, day: date) -> None:
    """Turn the calendar to a day's month and press the day."""
    page = couple.page
    while not page.locator(f"button[data-on='{day}']").count():
        title = page.locator("#calendar-title").text_content() or ""
        page.click("a.calendar-turn.next")
        expect(page.locator("#calendar-title")).not_to_have_text(title)
    page.click(f"button[data-on='{day}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to")


def arrive(couple: Visit, page: Page, sentence: str) -> None:
    """Back from Stripe, until the page says that the money is here."""
    page.wait_for_url(f"{couple.site.url}/manage/**/paid**")
    arrived = page.get_by_role("heading", name=sentence)
    if couple.has_script:
        expect(arrived).to_be_visible(timeout=30_000)
    else:
        couple.look_until(arrived)


@pytest.mark.parametrize("has_script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without it")])
def test_book_move_for_free_and_move_with_a_fee(
    chrome: Browser, bella: Business, here: Site, *, has_script: bool
) -> None:
    with visit(chrome, here, bella, java_script_enabled=has_script) as couple:
        page, reference = couple.page, couple.book(ahead=200)
        held = held_of(bella, reference)
        shifting.terms(bella, held, fees_cents="[15000]", farthest_days="60")
        first, second = couple.day(207), couple.day(240)
        page.goto(couple.link_in(couple.mails(2)[0]))
        page.get_by_role("link", name="Move the date").click()
        choose(couple, first)
        page.get_by_role("button", name="Move the date").click()
        expect(page.get_by_text("Your date is now")).to_be_visible()
        assert shifting.day(bella, held) == first
        page.get_by_role("link", name="Move the date").click()
        choose(couple, second)
        page.get_by_role("button", name="Pay $150.00 and move the date").click()
        page.wait_for_url(f"{here.stripe.base_url}/**")
        assert shifting.day(bella, held) == first
        assert shifting.claimed(bella) == {first, second}
        couple.pay()
        arrive(couple, page, "We received $150.00")
        expect(page.locator("main")).to_contain_text("Your date is now")
        page.get_by_role("link", name="Open your booking").click()
        expect(page.locator("main")).to_contain_text("Fee for moving the date")
        moved = [mail for mail in couple.mails(6) if "is moved to" in mail.subject]
        assert couple.said == []
    assert shifting.day(bella, held) == second
    assert shifting.claimed(bella) == {second}
    assert len(eventually(lambda: moved, "mails of the moves")) >= 2
    captured = rows(bella, "SELECT amount_cents FROM ledger_entry WHERE kind = 'capture' ORDER BY amount_cents")
    assert captured == [(15_000,), (174_200,)]
    assert captured_at_stripe(couple) == 189_200
    total, stages = rows(
        bella,
        "SELECT total_cents, (SELECT sum(amount_cents) FROM booking_payment_stage WHERE status <> 'VOID') FROM booking",
    )[0]
    assert total == stages == 348_400 + 15_000
