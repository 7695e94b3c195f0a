"""Every page that the site has, in every state: axe finds nothing, the console is silent, nothing is cut off.

Looked at as a light page on the narrowest phone and as a dark one on a desk, by people who want no motion. The walk
ends with the map of addresses: none that answers a browser may have been left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, expect

from portal.identity import accounts, password_reset
from portal.identity.roles import Role
from portal.kernel import time
from tests.support import browser, couples, people, scenery, world
from tests.support.mailroom import letters
from tests.support.people import PASSWORD
from tests.support.scenery import Scenery
from tests.support.site import Site, eventually
from tests.support.visit import Visit, visit

pytestmark = pytest.mark.slow

AXE = browser.AXE.read_text()
RUN = """async (options) => (await axe.run(document, {iframes: false, ...options})).violations.flatMap((fault) =>
  fault.nodes.map((node) => `${fault.id}: ${node.target} ${node.failureSummary}`))"""
# What light and dark differ in.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# A mail stands within the page of a mail program, which has the landmarks.
MAIL = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}
SCROLLS = "document.documentElement.scrollWidth > innerWidth"
MOVES = "document.getAnimations().length"
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
NO_SUCH_TOKEN = "x" * 43
# For programs, not for people; and what a browser saves instead of showing it.
MACHINES = {"static", "storefront.theme", "health.index", "health.cached", "health.counted"}
FILES = {"couple.calendar", "dev.attachment"}
Stops = Iterator[str]


@dataclass
class Tour(Visit):
    """A window that walks, and what was wrong where."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def walk(self, stops: Stops) -> None:
        for stop in stops:
            found = [*inspect(self.page, MAIL if stop == "mail" else {}), *self.said]
            self.said.clear()
            if found:
                self.faults[f"{stop} at {self.page.url}"] = found

    def note(self, request: Request) -> None:
        if request.is_navigation_request() and request.url.startswith(self.site.url):
            self.seen.add(urlsplit(request.url).path)


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


def send(page: Page, selector: str = "main form button[type=submit]") -> None:
    """Send a form as it is, without the browser's own judgement."""
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    with page.expect_navigation():
        page.locator(selector).last.click()


def public(tour: Tour, scene: Scenery) -> Stops:
    shop, page = scene.shop, tour.page
    for path in ("/", shop.url(), shop.url("packages/whole-day"), shop.url("packages/weekend"), "/nowhere"):
        tour.open(path)
        yield "public"
    for month in (time.now().strftime("%Y-%m"), "2099-01", f"{scene.day(0):%Y-%m}"):
        tour.open(shop.url(f"packages/weekend?month={month}"))
        yield f"month {month}"
    for path in (shop.url("packages/none"), "/t/no-such-business/", f"/m/{NO_SUCH_TOKEN}", "/logout"):
        tour.open(path)
        yield "error"
    tour.open(shop.url("find-booking"))
    yield "find booking"
    send(page)
    yield "find booking without an address"
    for times in range(4):
        tour.open(shop.url("find-booking"))
        page.fill("[name=email]", "nobody@couple.example")
        send(page)
        if times in (0, 3):
            yield ("find booking, sent", "", "", "find booking, too often")[times]


def form(tour: Tour, scene: Scenery) -> Stops:
    shop, page, day = scene.shop, tour.page, scene.day(20)
    book = shop.url("book/whole-day")
    for query in ("", f"?date={day}", f"?date={scene.day(1)}", "?date=someday"):
        tour.open(book + query)
        yield f"form {query}"
    tour.open(shop.url(f"book/weekend?date={day}"))
    yield "form of several days"
    tour.open(f"{book}?date={day}")
    page.fill("[name=email]", "no address")
    send(page, ".form-end button")
    yield "form with faults"
    tour.open(f"{book}?date={day}")
    tour.fill_in()
    couples.hold(shop, event_on=day)
    send(page, ".form-end button")
    expect(page.locator("[name=pick]")).to_have_count(5)
    yield "form whose date is gone"
    page.locator("[name=pick]").first.click()
    tour.site.stripe.fail_next("POST", "/v1/checkout/sessions", status=503, times=99)
    page.check("[name=terms]")
    send(page, ".form-end button")
    yield "held, Stripe away"
    tour.site.stripe.clear_faults()
    with page.expect_navigation(url=f"{tour.site.stripe.base_url}/**"):
        page.click("form[action*='/held/'] button")
    session = page.url.rsplit("/", 1)[-1]
    page.get_by_test_id("cancel").click()
    yield "back without paying"
    tour.open(f"{urlsplit(page.url).path}?session={session}")
    yield "waiting for the payment"
    tour.open(book)
    yield "form with a hold"


def couple(tour: Tour, scene: Scenery) -> Stops:
    reference = scene.references["confirmed"]
    for path in (f"/manage/{reference}", scene.shop.url(f"booked/{reference}"), f"/manage/{reference}?sent=1"):
        tour.open(path)
        yield "stranger"
    for state, token in scene.links.items():
        tour.open(f"/m/{token}")
        yield f"couple's page, {state}"
        tour.open(scene.shop.url(f"held/{scene.references[state]}"))
        yield f"booked, {state}"
    tour.page.context.clear_cookies()
    scene.change("UPDATE booking_action_token SET expires_at = created_at + interval '1 second'")
    tour.open(f"/m/{scene.links['confirmed']}")
    yield "ended link"
    send(tour.page)
    yield "ended link, new one sent"


def owner(tour: Tour, scene: Scenery) -> Stops:
    page, shop = tour.page, scene.shop
    person, stranger = people.person(shop.id), people.person()
    tour.open("/login")
    yield "login"
    send(page)
    yield "login, empty"
    log_in(page, stranger.email)
    yield "no business"
    page.get_by_role("button", name="Log out").click()
    log_in(page, person.email)
    yield "bookings"
    home = f"/dashboard/{shop.slug}"
    for query in ("?when=all", "?when=all&status=confirmed", "?q=nobody"):
        tour.open(f"{home}/bookings{query}")
        yield f"bookings {query}"
    for state, reference in scene.references.items():
        tour.open(f"/dashboard/bookings/{reference}")
        yield f"booking, {state}"
    for query in ("", f"?month={scene.day(1):%Y-%m}", f"?resource={shop.resource_ids[1]}"):
        tour.open(f"{home}/dates{query}")
        yield f"dates {query}"
    send(page, "#close button")
    yield "dates with a fault"
    page.fill("[name=first_on]", str(scene.day(30)))
    send(page, "#close button")
    yield "dates, closed"
    for path in (f"{home}/bookings/none", "/dashboard/no-such-business/bookings"):
        tour.open(path)
        yield "not there"


def empty_desk(tour: Tour, scene: Scenery) -> Stops:
    """The first day of a business, and an owner of two."""
    del scene
    first, second = world.open_shop(), world.open_shop()
    both = people.person(first.id)
    accounts.add_member(second.id, user_id=both.user_id, role=Role.OWNER, at=time.now())
    log_in(tour.page, both.email)
    tour.open("/dashboard/")
    yield "two businesses"
    tour.open(f"/dashboard/{first.slug}/bookings")
    yield "no bookings yet"
    tour.open(f"/dashboard/{first.slug}/dates")
    yield "no dates yet"


def password(tour: Tour, scene: Scenery) -> Stops:
    page, forgetful = tour.page, people.person(scene.shop.id)
    tour.open("/forgot-password")
    yield "forgot"
    page.fill("[name=email]", forgetful.email)
    send(page)
    yield "forgot, sent"
    mail = password_reset.mint_for_mail(forgetful.user_id, at=time.now())
    assert mail
    tour.open(f"/reset-password/{mail.raw_token}")
    yield "new password"
    page.fill("[name=password]", "short")
    send(page)
    yield "new password, too short"
    for name in ("password", "again"):
        page.fill(f"[name={name}]", "another long enough password")
    send(page)
    yield "password changed"
    tour.open(f"/reset-password/{mail.raw_token}")
    yield "used reset link"


def mailbox(tour: Tour, scene: Scenery) -> Stops:
    del scene
    eventually(lambda: letters(tour.site.mail), "a mail")
    tour.open("/dev/mail")
    yield "mailbox"
    found = [str(link.get_attribute("href")) for link in tour.page.locator("td a").all()]
    tour.open(found[0])
    yield "letter"
    for letter in found[:4]:
        tour.open(f"{letter}/html")
        yield "mail"


AREAS: tuple[Callable[[Tour, Scenery], Stops], ...] = (public, form, couple, owner, empty_desk, password, mailbox)


def log_in(page: Page, email: str) -> None:
    page.goto(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    send(page)


@pytest.mark.timeout(600)
def test_axe_the_console_and_a_narrow_screen_find_nothing_on_any_page(chrome: Browser, here: Site, app: Flask) -> None:
    scene = scenery.built()
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()
    for area in AREAS:
        with visit(chrome, here, scene.shop, reduced_motion="reduce") as window:
            tour = Tour(here, scene.shop, window.page, said=window.said, faults=faults, seen=seen)
            tour.page.on("request", tour.note)
            tour.open("/")
            tour.walk(area(tour, scene))

    assert faults == {}
    assert endpoints(app) - MACHINES - FILES == visited(app, seen)


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def visited(app: Flask, paths: set[str]) -> set[str]:
    router = app.url_map.bind("localhost")
    return {router.match(path)[0] for path in paths if router.test(path, "GET")}
