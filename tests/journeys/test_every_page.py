"""Every page that the site has, in every state: axe finds nothing, the console is silent, nothing is cut off.

Looked at as a light page on the narrowest phone and as a dark one on a desk, by people who want no motion. The walk
ends with the map of addresses: none that answers a browser may have been left out.
"""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.journeys.stops import AREAS, Tour
from tests.journeys.stops_details import details
from tests.journeys.stops_documents import documents
from tests.journeys.stops_invoices import invoices
from tests.journeys.stops_moving import moving, moving_by_the_owner
from tests.journeys.stops_reminders import reminders
from tests.journeys.stops_sharing import sharing
from tests.journeys.stops_waiting import waiting
from tests.support import browser, scenery
from tests.support.site import Site
from tests.support.visit import visit

pytestmark = pytest.mark.slow

AXE = browser.AXE.read_text()
RUN = """async (options) => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"], ...options});
  return found.violations.flatMap((fault) =>
    fault.nodes.map((node) => `${fault.id}: ${node.target} ${node.failureSummary}`));
}"""
# What light and dark differ in.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# A mail stands within the page of a mail program, which has the landmarks.
MAIL = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}
SCROLLS = "document.documentElement.scrollWidth > innerWidth"
MOVES = "document.getAnimations().length"
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
# For programs, not for people; and what a browser saves instead of showing it.
MACHINES = {"static", "storefront.theme", "document.colours", "health.index", "health.cached", "health.counted",
            "feeds.feed"}  # fmt: skip
FILES = {"couple.calendar", "dashboard.export_file", "dev.attachment"}


def inspect(page: Page, options: dict[str, Any]) -> list[str]:
    """What is wrong with the page that is open."""
    found = []
    page.evaluate(AXE)
    for scheme, size, rules in (("light", PHONE, {}), ("dark", DESK, {"runOnly": OF_COLOURS})):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{scheme}: {fault}" for fault in page.evaluate(RUN, options | rules)]
        if page.evaluate(SCROLLS):
            found.append(f"scrolls sideways at {size['width']} px")
        if page.evaluate(MOVES):
            found.append("moves although it was asked not to")
    return found


@pytest.mark.timeout(600)
def test_axe_the_console_and_a_narrow_screen_find_nothing_on_any_page(chrome: Browser, here: Site, app: Flask) -> None:
    scene = scenery.built()
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()
    for area in (*AREAS, details, documents, invoices, moving, moving_by_the_owner, sharing, waiting, reminders):
        with visit(chrome, here, scene.shop, reduced_motion="reduce") as window:
            tour = Tour(here, scene.shop, window.page, said=window.said, seen=seen)
            tour.page.on("request", tour.note)
            tour.open("/")
            for stop in area(tour, scene):
                found = [*inspect(tour.page, MAIL if stop == "mail" else {}), *tour.said]
                tour.said.clear()
                if found:
                    faults[f"{stop} at {tour.page.url}"] = found

    assert faults == {}
    assert endpoints(app) - MACHINES - FILES == visited(app, seen)


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def visited(app: Flask, paths: set[str]) -> set[str]:
    router = app.url_map.bind("localhost")
    return {router.match(path)[0] for path in paths if router.test(path, "GET")}
