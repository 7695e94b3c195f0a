"""Windows of a browser in which tests look at pages: how wide, light or dark, and whether everybody can read them.

With AISLE_PICTURES set to a folder every page that is read is also kept there as a picture.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

from tests.support.browser import AXE
from tests.support.people import PASSWORD, person
from tests.support.world import Business

_PICTURES = os.environ.get("AISLE_PICTURES")
_AXE_RUN = "axe.run({iframes: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"


class Screen(NamedTuple):
    """A screen; its text is a part of the names of tests and pictures."""

    scheme: Literal["light", "dark"]
    width: int

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


SCREENS = [Screen("light", 320), Screen("dark", 390), Screen("light", 1280), Screen("dark", 1280)]


def window(chromium: Browser, screen: Screen = SCREENS[2], *, permissions: Sequence[str] = ()) -> Page:
    """A page in a context of its own, which ends with it; axe may run there in spite of the page's policy."""
    return chromium.new_page(
        viewport={"width": screen.width, "height": 800}, color_scheme=screen.scheme, reduced_motion="reduce",
        bypass_csp=True, permissions=permissions,
    )  # fmt: skip


def log_in(page: Page, site: str, shop: Business) -> None:
    """A new owner of the business."""
    page.goto(f"{site}/login")
    page.fill("[name=email]", person(shop.id).email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")


def read(page: Page, name: str) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    page.evaluate(AXE.read_text())
    assert page.evaluate(_AXE_RUN) == [], name
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen, name
    if _PICTURES:
        page.screenshot(path=Path(_PICTURES) / f"{name.replace('/', '-')}.png", full_page=True)
