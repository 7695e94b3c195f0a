"""The journey that the product exists for: from the front page to a paid date, the mail, and the couple's own page.

Once with JavaScript and once without it, ending in the same rows; once in French.
"""

import re
from time import monotonic, sleep

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import photographers
from tests.support import people
from tests.support.ledgers import story
from tests.support.people import PASSWORD
from tests.support.site import Site
from tests.support.till import rows
from tests.support.visit import Visit, visit
from tests.support.world import Business

pytestmark = pytest.mark.slow


def from_front_page_to_owner(chrome: Browser, site: Site, shop: Business, *, has_script: bool) -> list[str]:
    """The whole journey, seen by the couple and then by the owner; what the console said meanwhile."""
    owner = people.person(shop.id)
    with visit(chrome, site, shop, java_script_enabled=has_script) as couple:
        reference = book(couple)
        confirmation = read_mail(couple)
        said = couple.said
    with visit(chrome, site, shop, java_script_enabled=has_script) as other_device:
        open_from_mail(other_device, confirmation, reference)
        lose_link(other_device)
        said += other_device.said
    with visit(chrome, site, shop, java_script_enabled=has_script) as desk:
        look_in_portal(desk, owner.email, reference)
        said += desk.said
    return said


def book(couple: Visit) -> str:
    page = couple.page
    couple.go_to_package()
    couple.pick(couple.day())
    couple.fill_in()
    couple.add(2)
    expect(page.locator("#summary")).to_contain_text("Linen album × 2")
    # 3,200.00 + 2 × 780.00 and 8.875 % on it; half of it, half up.
    expect(page.locator("#summary")).to_contain_text("$5,182.45")
    expect(page.locator("#summary")).to_contain_text("$2,591.23")
    couple.hold()
    expect(page.locator(".total")).to_have_text("$2,591.23")
    couple.pay()
    couple.await_link()
    expect(page.get_by_role("heading", level=1)).to_have_text("The date is yours")
    page.click(f"main a[href='/manage/{couple.reference}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Anna Smith & Ben Jones")
    return couple.reference


def read_mail(couple: Visit) -> str:
    """Both were written to, each with a link of their own; Anna's link."""
    mails = couple.mails(2)
    assert {mail.to for mail in mails} == {couple.people()["email"], couple.people()["second_email"]}
    assert couple.link_in(mails[0]) != couple.link_in(mails[1])
    (mail,) = [mail for mail in mails if mail.to == couple.people()["email"]]
    assert "Your date is booked" in mail.html
    for part in (mail.html, mail.text):
        assert "$2,591.23" in part
        assert "Linen album × 2" in part
    ((name, content),) = mail.attachments.items()
    assert name.endswith(".ics")
    (event,) = icalendar.Calendar.from_ical(content).events
    assert event.start == couple.day()
    return couple.link_in(mail)


def open_from_mail(couple: Visit, link: str, reference: str) -> None:
    page = couple.page
    page.goto(link)
    expect(page).to_have_url(f"{couple.site.url}/manage/{reference}")
    main = page.locator("main")
    for text in ("Confirmed", "Linen album × 2", "$5,182.45", "$2,591.23", "$2,591.22", "The Old Mill", reference):
        expect(main).to_contain_text(text)
    expect(page.locator(".timeline")).to_contain_text("Payment received")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    (event,) = icalendar.Calendar.from_ical(download.value.path().read_bytes()).events
    assert event.start == couple.day()


def lose_link(couple: Visit) -> None:
    """“Find my booking” mails a link again, and that one works, too."""
    page = couple.page
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open your booking")
    couple.open(couple.shop.url())
    page.locator("header").get_by_role("link", name="Find my booking").click()
    page.fill("[name=email]", couple.people()["email"])
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("Please check your inbox")
    again = next(mail for mail in couple.mails(3) if "Your date is booked" not in mail.html)
    page.goto(couple.link_in(again))
    expect(page.locator("main")).to_contain_text("Anna Smith & Ben Jones")


def look_in_portal(desk: Visit, email: str, reference: str) -> None:
    page = desk.page
    desk.open("/dashboard/")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.fill("[name=q]", "anna smith")
    page.click("main form.filters button")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody a")
    expect(page).to_have_url(re.compile(rf"/bookings/{reference}$"))
    main = page.locator("main")
    for text in ("Anna Smith & Ben Jones", "Confirmed", "Deposit paid", "card ending in 4242", "$2,591.23"):
        expect(main).to_contain_text(text)
    expect(page.locator(".timeline li")).to_contain_text(
        ["The booking was confirmed", "Payment received", "The date was held"]
    )
    messages = page.locator("section", has=page.get_by_role("heading", name="Messages", exact=True)).locator("tbody tr")
    messages = messages.filter(has_not_text="Invoices and receipts")  # they leave once their PDFs are made
    expect(messages).to_have_count(4)
    expect(messages.filter(has_text="Sent")).to_have_count(4)
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{desk.site.url}/dashboard/")
    expect(page).to_have_url(re.compile("/login"))


def come_to_rest(*shops: Business) -> None:
    """Wait until a worker owes these businesses nothing more: their documents are printed and mailed."""
    deadline = monotonic() + 60
    while any(rows(shop, "SELECT id FROM outbox WHERE status IN ('due', 'leased')") for shop in shops):
        assert monotonic() < deadline, "a worker does not come to rest"
        sleep(0.2)


def test_with_javascript_and_without_it_the_journey_ends_in_the_same_rows(chrome: Browser, here: Site) -> None:
    scripted, plain = photographers(), photographers()
    assert from_front_page_to_owner(chrome, here, scripted, has_script=True) == []
    assert from_front_page_to_owner(chrome, here, plain, has_script=False) == []
    come_to_rest(scripted, plain)
    first, second = story(scripted), story(plain)
    assert first == second
    filled = {table for table, rows in first.items() if rows}
    assert {"booking", "booking_line", "customer", "date_claim", "payment", "ledger_entry", "message"} <= filled


def test_in_french_everything_is_paid_at_once_and_page_and_mail_speak_french(
    chrome: Browser, here: Site, lumiere: Business
) -> None:
    with visit(chrome, here, lumiere) as couple:
        reference = couple.book(quantity=1)
        assert french(couple.page)
        assert couple.words("The date is yours") != "The date is yours"
        expect(couple.page.locator("h1")).to_have_text(couple.words("The date is yours"))
        expect(couple.page.locator("main")).to_contain_text("1 985,00 €")
        mail = couple.mails(2)[0]
        assert re.search(r"1.985,00.€", mail.text)
        assert 'lang="fr' in mail.html
        couple.page.goto(couple.link_in(mail))
        assert couple.reference == reference
        assert french(couple.page)
        expect(couple.page.locator("main")).to_contain_text("330,84 € de TVA")
        assert couple.said == []


def french(page: Page) -> bool:
    return str(page.locator("html").get_attribute("lang")).startswith("fr")
