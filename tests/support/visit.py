"""A couple in a browser, step by step, from the front page to their own page.

Finds things by where they lead and what they are called in the form, so that the same steps work in every language,
with JavaScript and without it. What the browser's console has to complain about is kept in ``said``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from portal.devtools.stripe_emulator import CARD_PAYS
from portal.kernel import time
from portal.tenants.language import language
from tests.support.mailroom import Letter, letters
from tests.support.site import Site, eventually
from tests.support.world import Business

PEOPLE = {
    "first_partner": "Anna Smith",
    "second_partner": "Ben Jones",
    "email": "anna@couple.example",
    "second_email": "ben@couple.example",
    "phone": "+1 718 555 0142",
    "venue": "The Old Mill",
    "guest_count": "80",
    "notes": "Two small children.",
}
_DOCUMENT = "?pdf="
_LINK = re.compile(r"http://localhost:\d+/m/[\w-]{43}")


@dataclass
class Visit:
    """One couple in one window, at one business."""

    site: Site
    shop: Business
    page: Page
    has_script: bool = True
    said: list[str] = field(default_factory=list)

    @property
    def package(self) -> str:
        return next(iter(self.shop.packages))

    @property
    def add_on(self) -> str:
        return f"add_on_{next(iter(self.shop.add_ons.values()))}"

    @property
    def reference(self) -> str:
        """Of the booking whose page is open."""
        return self.page.url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]

    def day(self, ahead: int = 80) -> date:
        """So many days from today: far enough for a deposit, and some months on in the calendar."""
        return self.shop.tenant.today(time.now()) + timedelta(days=ahead)

    def people(self) -> dict[str, str]:
        """Anna and Ben, with addresses that only this business knows."""
        mails = {name: PEOPLE[name].replace("@", f"@{self.shop.slug}.") for name in ("email", "second_email")}
        return PEOPLE | mails

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings, but not that a page which is told to be an error is one."""
        is_status = message.location["url"] == self.page.url and "Failed to load resource" in message.text
        if message.type in {"error", "warning"} and not is_status:
            self.said.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def go_to_package(self) -> None:
        """Front page, storefront, package."""
        self.open("/")
        self.page.click(f"a[href='{self.shop.url()}']")
        self.page.click(f"a[href='{self.shop.url(f'packages/{self.package}')}']")
        expect(self.page.locator("table")).to_be_visible()

    def pick(self, day: date) -> None:
        """Turn the calendar to a day's month, and choose the day."""
        for _ in range(36):
            if self.page.locator(f"[data-on='{day}']").count():
                break
            title = self.page.locator("#calendar-title").text_content() or ""
            self.page.click("a.calendar-turn.next")
            expect(self.page.locator("#calendar-title")).not_to_have_text(title)
        self.page.click(f"a[data-on='{day}']")
        expect(self.page.locator("input[name=date]")).to_have_value(str(day))

    def fill_in(self, **changes: str) -> None:
        """Who they are, and what they accept."""
        for name, value in (self.people() | changes).items():
            self.page.fill(f"[name={name}]", value)
        self.page.check("[name=terms]")

    def add(self, quantity: int) -> None:
        """Want an add-on; the price follows, by itself or after a press on its button."""
        before = self.page.locator("#summary").inner_text()
        self.page.fill(f"[name='{self.add_on}']", str(quantity))
        if self.has_script:
            self.page.locator(f"[name='{self.add_on}']").blur()
        else:
            self.page.click("button[name=intent]")
        expect(self.page.locator("#summary")).not_to_have_text(before)

    def hold(self) -> None:
        """Send the form; on to Stripe."""
        self.page.click(".form-end button[type=submit]")
        self.page.wait_for_url(f"{self.site.stripe.base_url}/**")

    def pay(self, card: str = CARD_PAYS) -> None:
        """On Stripe's page."""
        self.page.get_by_label("Card number").fill(card)
        self.page.get_by_label("Expiry").fill("12 / 40")
        self.page.get_by_label("CVC").fill("123")
        self.page.get_by_test_id("pay").click()

    def await_link(self) -> None:
        """Back from Stripe: until the page, which asks by itself or at the press of a button, leads to the booking."""
        self.page.wait_for_url(f"{self.site.url}/**")
        link = self.page.locator(f"main a.button[href='/manage/{self.reference}']")
        if self.has_script:
            expect(link.first).to_be_visible(timeout=30_000)
        else:
            self.look_until(link)

    def look_until(self, wanted: Locator) -> None:
        """Press “Look again” until something is there."""

        def look() -> bool:
            if not wanted.count():
                self.page.locator("#look-again").click()
            return bool(wanted.count())

        eventually(look, "what was waited for")

    def words(self, text: str) -> str:
        """A text of the site in the language of the business."""
        return language(self.shop.tenant.locale, self.shop.tenant.timezone).gettext(text)

    def book(self, ahead: int = 80, quantity: int = 0) -> str:
        """All of it; the booking's reference."""
        self.go_to_package()
        self.pick(self.day(ahead))
        self.fill_in()
        if quantity:
            self.add(quantity)
        self.hold()
        self.pay()
        self.await_link()
        return self.reference

    def mails(self, count: int) -> list[Letter]:
        """The mails to this couple, once there are so many; not those that bring documents, which take a while."""
        return self._mails(count, lambda letter: _DOCUMENT not in letter.text)

    def papers(self, count: int) -> list[Letter]:
        """The mails to this couple that bring documents, once there are so many."""
        return self._mails(count, lambda letter: _DOCUMENT in letter.text)

    def _mails(self, count: int, is_wanted: Callable[[Letter], bool]) -> list[Letter]:
        mine = {self.people()["email"], self.people()["second_email"]}

        def look() -> list[Letter]:
            found = [letter for letter in letters(self.site.mail) if letter.to in mine and is_wanted(letter)]
            return found if len(found) >= count else []

        return eventually(look, f"mail number {count}")

    def link_in(self, letter: Letter) -> str:
        """The address behind the button of a mail."""
        found = _LINK.search(letter.text)
        assert found, letter.text
        assert found[0] in letter.html
        return found[0]


@contextmanager
def visit(chrome: Browser, site: Site, shop: Business, **options: Any) -> Iterator[Visit]:
    """A new window with no cookies; ``java_script_enabled`` and other options are the browser's."""
    context = chrome.new_context(**options)
    context.set_default_timeout(30_000)
    page = context.new_page()
    going = Visit(site, shop, page, options.get("java_script_enabled", True))
    page.on("console", going.hear)
    page.on("pageerror", lambda error: going.said.append(f"{page.url}: {error}"))
    try:
        yield going
    finally:
        context.close()
