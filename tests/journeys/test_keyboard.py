"""The whole journey by keyboard alone, on the narrowest of phones: every stop is seen, and nothing is cut off.

Tab and Shift+Tab, arrows, Enter, letters and digits; Space for the tick, which is how a keyboard ticks.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.site import Site
from tests.support.visit import PEOPLE, Visit, visit
from tests.support.world import Business

pytestmark = pytest.mark.slow

NARROW = 320
MOST_STOPS = 80
# Whether what has the keyboard can be seen: on the screen, and with a line around it or around what it stands for.
IS_SEEN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const bare = (one) => getComputedStyle(one).outlineStyle === "none" || getComputedStyle(one).outlineWidth === "0px";
  let one = at;
  while (one && bare(one)) one = one.parentElement;
  return Boolean(one) && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


class Keys:
    """A keyboard, and nothing else."""

    def __init__(self, couple: Visit) -> None:
        self.page: Page = couple.page

    def to(self, selector: str) -> None:
        """Tab on until something has the focus; every stop on the way must be seen."""
        for _ in range(MOST_STOPS):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert self.page.evaluate(IS_SEEN), focused
        pytest.fail(f"no way by Tab to {selector} on {self.page.url}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def follow(self, selector: str) -> None:
        """Go to a link or button and press Enter; the page that follows fits the screen."""
        self.to(selector)
        self.press("Enter")

    def type(self, selector: str, text: str) -> None:
        self.to(selector)
        self.page.keyboard.type(text)


@pytest.fixture
def couple(chrome: Browser, here: Site, bella: Business) -> Iterator[Visit]:
    narrow = {"width": NARROW, "height": 640}
    with visit(chrome, here, bella, viewport=narrow, has_touch=True) as going:
        yield going
        assert going.said == []


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, page.url


def test_from_the_front_page_to_the_couples_page_by_keyboard_at_320_px(couple: Visit) -> None:
    page, keys, shop = couple.page, Keys(couple), couple.shop
    couple.open("/")
    assert_fits(page)
    keys.follow(f"a[href='{shop.url()}']")
    expect(page.locator("h1")).to_have_text(shop.tenant.tagline)
    assert_fits(page)
    keys.follow(f"a[href='{shop.url(f'packages/{couple.package}')}']")
    expect(page.locator("table")).to_be_visible()
    assert_fits(page)
    choose_day(couple, keys)
    assert_fits(page)
    fill_in(couple, keys)
    keys.follow(".form-end button[type=submit]")
    page.wait_for_url(f"{couple.site.stripe.base_url}/**")
    assert_fits(page)
    keys.type("#number", "4242424242424242")
    keys.type("#expiry", "12/40")
    keys.type("#cvc", "123")
    keys.follow("button[type=submit]")
    couple.await_link()
    assert_fits(page)
    keys.follow(f"main a[href='/manage/{couple.reference}']")
    expect(page.locator("h1")).to_contain_text("Anna Smith")
    assert_fits(page)
    keys.to("a[href$='/calendar.ics']")
    with page.expect_download():
        keys.press("Enter")


def choose_day(couple: Visit, keys: Keys) -> None:
    """To the month with the arrow of the calendar, to the day with those of the keyboard."""
    page, day = couple.page, couple.day()
    while not page.locator(f"[data-on='{day}']").count():
        title = page.locator("#calendar-title").text_content() or ""
        keys.follow("a.calendar-turn.next")
        expect(page.locator("#calendar-title")).not_to_have_text(title)
        expect(page.locator("a.calendar-turn.next")).to_be_focused()
    keys.to(".day[data-on]")
    for _ in range(31):
        if page.evaluate("document.activeElement.dataset.on") == str(day):
            break
        keys.press("ArrowRight")
    keys.press("Enter")
    expect(page.locator("[name=date]")).to_have_value(str(day))


def fill_in(couple: Visit, keys: Keys) -> None:
    page = couple.page
    for name in ("first_partner", "second_partner", "email", "second_email", "phone", "venue", "guest_count", "notes"):
        keys.type(f"[name={name}]", couple.people()[name])
    keys.to(f"[name='{couple.add_on}']")
    keys.press("ArrowUp", "ArrowUp", "ArrowDown", "Tab")
    expect(page.locator("#summary")).to_contain_text("$4,333.23")
    keys.to("[name=pay]")
    keys.press("ArrowDown")
    expect(page.locator("#summary")).to_contain_text("Due now")
    keys.to("[name=terms]")
    keys.press("Space")
    assert page.locator("[name=notes]").input_value() == PEOPLE["notes"]
