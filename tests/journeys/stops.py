"""The ways over all pages: each leads a window from page to page, in every state that a page can be in.

A way yields the name of each stop while its page is open; whoever walks looks at it then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.identity import accounts, password_reset
from portal.identity.roles import Role
from portal.kernel import time
from tests.journeys.conftest import florists
from tests.support import couples, people, sold, world
from tests.support.mailroom import letters
from tests.support.people import PASSWORD
from tests.support.scenery import Scenery
from tests.support.site import eventually
from tests.support.visit import Visit

NO_SUCH_TOKEN = "x" * 43
Stops = Iterator[str]


@dataclass
class Tour(Visit):
    """A window that keeps the paths of the pages it asked for."""

    seen: set[str] = field(default_factory=set)

    def note(self, request: Request) -> None:
        if request.is_navigation_request() and request.url.startswith(self.site.url):
            self.seen.add(urlsplit(request.url).path)


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


def french(tour: Tour, scene: Scenery) -> Stops:
    """Longer words on the same narrow screen."""
    del scene
    shop = florists()
    for path in ("", "packages/grand-bouquet", "find-booking", "book/grand-bouquet"):
        tour.open(shop.url(path))
        yield f"French {path}"
    send(tour.page, ".form-end button")
    yield "French form with faults"
    paid = sold.sell(shop, pays_in_full=True)
    minted = tokens.mint(shop.id, paid.booking_id, action=LinkAction.BROWSER, at=time.now())
    tour.open(f"/m/{minted.raw}")
    yield "French couple's page"
    tour.open(shop.url(f"booked/{paid.reference}"))
    yield "French booked"


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
    yield from changes(tour, scene)
    tour.page.context.clear_cookies()
    scene.change("UPDATE booking_action_token SET expires_at = created_at + interval '1 second'")
    tour.open(f"/m/{scene.links['confirmed']}")
    yield "ended link"
    send(tour.page)
    yield "ended link, new one sent"


def changes(tour: Tour, scene: Scenery) -> Stops:
    """What a couple does to its booking; stops short of doing it."""
    for state in ("confirmed", "cancelled", "cancelling"):
        for verb in ("pay", "cancel"):
            tour.open(f"/manage/{scene.references[state]}/{verb}")
            yield f"{verb}, {state}"
    for verb in ("pay", "release"):
        tour.open(f"/manage/{scene.references['kept']}/{verb}")
        yield f"{verb}, kept"
    send(tour.page)
    yield "release without its tick"
    reference = scene.references["confirmed"]
    tour.open(f"/manage/{reference}/release")
    yield "release, confirmed"
    tour.open(f"/manage/{reference}/cancel")
    send(tour.page)
    yield "cancellation, shown"
    with database.reading(scene.shop.id):
        session = database.value(
            "SELECT c.stripe_checkout_session_id FROM checkout c JOIN booking b ON b.id = c.booking_id"
            " WHERE b.reference = %s",
            reference,
        )
    tour.open(f"/manage/{reference}/paid?session={session}")
    yield "payment, received"


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
    for path in (
        "settings",
        "settings/terms",
        "settings/terms/whole-day",
        "settings/undo",
        "settings/details",
        "settings/courtesy",
        "settings/calendars",
        "settings/calendars/google",
    ):
        tour.open(f"{home}/{path}")
        yield path
    tour.open(f"{home}/bookings/{scene.references['confirmed']}/cancel")
    yield "owner's cancellation"
    send(page)
    yield "owner's cancellation, shown"
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


AREAS: tuple[Callable[[Tour, Scenery], Stops], ...] = (
    public,
    form,
    french,
    couple,
    owner,
    empty_desk,
    password,
    mailbox,
)


def log_in(page: Page, email: str) -> None:
    page.goto(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    send(page)
