"""What a page asks of the database does not grow with the business: a handful of statements, none of them twice.

Counted as the server gets them, apart from BEGIN, COMMIT, set_config and a connection's first PREPARE.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from portal.availability import service as availability
from portal.availability import waitlist_links
from portal.availability.states import ClaimKind
from portal.availability.waitlist_rules import MOST_WAITING
from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.calendars import feeds
from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.messages import log, planning
from portal.settings import Settings
from portal.web import cache
from portal.web.application import Application
from tests.bench import seed
from tests.support import databases, documents, people, queues, world
from tests.support.couples import in_half_a_year
from tests.support.world import Business

pytestmark = pytest.mark.slow
SIZES = (1, 25, 10_000)
MOST_PACKAGES = 25
# What can be issued is read as issuing reads it: the booking, its price, all of its money and its documents. A mail
# tells of more than a page does. A booking's own page also warns: of days that are busy elsewhere, of lost addresses.
MOST = {"storefront": 4, "booking": 8, "what can be invoiced": 12, "coming message": 12, "coming message's frame": 12}
OTHERS = 6
UNCOUNTED = ("BEGIN", "COMMIT", "SELECT set_config(", "PREPARE ")
ADDRESSES = {
    "storefront": "/t/{slug}/",
    "package": "/t/{slug}/packages/whole-day",
    "package in a month": "/t/{slug}/packages/whole-day?month={month}",
    "booking form": "/t/{slug}/book/whole-day",
    "booking form for a date": "/t/{slug}/book/whole-day?date={day}",
    "asking for a taken date": "/t/{slug}/waitlist/whole-day?date={taken}",
    "waiting for a date": "/t/{slug}/waiting/{entry}",
    "return page": "/t/{slug}/booked/{reference}",
    "lost link": "/t/{slug}/find-booking",
    "couple's page": "/manage/{reference}",
    "couple's calendar file": "/manage/{reference}/calendar.ics",
    "couple's cancelling": "/manage/{reference}/cancel",
    "couple's moving": "/manage/{reference}/reschedule",
    "couple's paying": "/manage/{reference}/pay",
    "couple's details": "/manage/{reference}/details",
    "couple's giving back": "/manage/{reference}/release",
    "couple's links": "/manage/{reference}/links",
    "couple's document": "/manage/{reference}/invoices/{number}",
    "couple's PDF, being made": "/manage/{reference}/invoices/{number}.pdf",
    "somebody who may look": "/manage/{reference}/look",
    "list of bookings": "/dashboard/{slug}/bookings",
    "all bookings": "/dashboard/{slug}/bookings?when=all",
    "confirmed bookings": "/dashboard/{slug}/bookings?status=confirmed&when=all",
    "search": "/dashboard/{slug}/bookings?q=ada&when=all",
    "booking": "/dashboard/{slug}/bookings/{reference}",
    "owner's cancelling": "/dashboard/{slug}/bookings/{reference}/cancel",
    "owner's moving": "/dashboard/{slug}/bookings/{reference}/move",
    "settings": "/dashboard/{slug}/settings",
    "terms": "/dashboard/{slug}/settings/terms",
    "terms of a package": "/dashboard/{slug}/settings/terms/whole-day",
    "time to undo": "/dashboard/{slug}/settings/undo",
    "changes by the couple": "/dashboard/{slug}/settings/details",
    "keeping dates": "/dashboard/{slug}/settings/courtesy",
    "invoices": "/dashboard/{slug}/invoices",
    "unpaid invoices": "/dashboard/{slug}/invoices?paid=unpaid",
    "invoices of a booking": "/dashboard/{slug}/invoices?q={reference}&kind=invoice&went=unsent",
    "invoice": "/dashboard/{slug}/invoices/{number}",
    "invoice's PDF, being made": "/dashboard/{slug}/invoices/{number}.pdf",
    "invoice to print": "/dashboard/{slug}/invoices/{number}/print",
    "instead of changing an invoice": "/dashboard/{slug}/invoices/{number}/edit",
    "a booking's invoices": "/dashboard/{slug}/bookings/{reference}/invoices",
    "what can be invoiced": "/dashboard/{slug}/bookings/{reference}/invoices/draft",
    "downloads": "/dashboard/{slug}/invoices/exports",
    "a download": "/dashboard/{slug}/invoices/exports/{export}",
    "a downloaded file": "/dashboard/{slug}/invoices/exports/{export}/documents.zip",
    "settings of invoices": "/dashboard/{slug}/settings/invoices",
    "taxes": "/dashboard/{slug}/settings/tax",
    "calendars": "/dashboard/{slug}/settings/calendars",
    "a calendar at Google": "/dashboard/{slug}/settings/calendars/google",
    "calendar to subscribe": "/calendar/{feed}.ics",
    "reminders": "/dashboard/{slug}/settings/reminders",
    "free dates": "/dashboard/{slug}/settings/free-dates",
    "emails to couples": "/dashboard/{slug}/settings/words",
    "words of an email": "/dashboard/{slug}/settings/words/confirmation",
    "words of an email, as it reads": "/dashboard/{slug}/settings/words/confirmation/mail?booking={reference}",
    "notices": "/dashboard/{slug}/settings/notices",
    "messages": "/dashboard/{slug}/messages",
    "messages that are found": "/dashboard/{slug}/messages?q=ada&kind=confirmation&shown=sent",
    "correcting an address": "/dashboard/{slug}/bookings/{reference}/address",
    "coming message": "/dashboard/{slug}/bookings/{reference}/messages/{message}",
    "coming message's frame": "/dashboard/{slug}/bookings/{reference}/messages/{message}/html",
    "dates": "/dashboard/{slug}/dates",
    "dates of a month": "/dashboard/{slug}/dates?month={month}",
}
EMPTY = {"slug": "a", "reference": "b", "month": "", "day": "", "taken": "", "number": "c", "entry": UUID(int=0),
         "export": UUID(int=0), "feed": "f", "message": UUID(int=0)}  # fmt: skip
# Not a business's pages, or only a way to one.
ELSEWHERE = {
    "static", "front.index", "storefront.theme", "waiting.enter", "booking.held_page", "couple.enter", "dashboard.home",
    "dashboard.booking_by_reference", "couple.cancel_shown", "dashboard.cancel_shown",
    "couple.reschedule_shown", "dashboard.move_shown", "couple.paid", "couple.add_ons_shown", "couple.new_address",
    "couple.done", "document.colours", "unsubscribe.page",
}  # fmt: skip
PLATFORM = {"account", "password", "health", "dev"}


@dataclass
class Site:
    """A business of one size, and a browser that may see all of it."""

    shop: Business
    values: dict[str, str]
    client: Any

    def asked(self, page: str) -> list[str]:
        """The statements of a page when it is looked at for the first time and for the second; the latter's."""
        cache._store._kept.clear()
        address = ADDRESSES[page].format(**self.values)
        for kept in (False, True):
            with listening() as sent:
                assert self.client.get(address).status_code == 200, address
            assert len(sent) <= MOST.get(page, OTHERS), (kept, sent)
            assert len(sent) == len(set(sent)), (kept, sent)
        return sent


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every statement that is sent, one by one where several travel together."""
    sent: list[str] = []
    execute = database.db.execute_sql

    def listen(sql: str, *args: Any) -> Any:
        parts = [" ".join(part.split()) for part in sql.split(";")]
        sent.extend(part for part in parts if part and not part.startswith(UNCOUNTED))
        return execute(sql, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.db, "execute_sql", listen)
        yield sent


@pytest.fixture(scope="module")
def sites(app: Application, cluster: Cluster, connected: Settings) -> Iterator[dict[int, Site]]:
    """A business of each size, in a database of their own."""
    with (
        databases.cloned(cluster) as name,
        databases.connected(cluster.app_url(name), back_to=connected.database_url),
    ):
        # The biggest first: on a connection that has seen small tables the keys of ten thousand rows take minutes.
        made = {size: site(app, size) for size in sorted(SIZES, reverse=True)}
        seed.let_the_planner_know(cluster.owner_url(name))
        yield made


def site(app: Application, size: int) -> Site:
    shop = world.open_shop()
    for number in range(1, min(size, MOST_PACKAGES)):
        shop.package(f"package-{number}")
    for number in range(1, min(size, MOST_PACKAGES)):
        shop.add_on(f"Add-on {number}")
    seed.bookings(shop, size)
    reference = seed.some_reference(shop)
    with database.writing(shop.id):
        booking_id = database.value("SELECT id FROM booking WHERE reference = %s", reference)
        lengthen(booking_id, min(size, MOST_PACKAGES))
        link = tokens.mint(shop.id, booking_id, action=LinkAction.MANAGE, at=time.now())
        feeds.make(shop.id, resource_id=None, at=time.now())
        feed = feeds.of_tenant(shop.id)[None]
        message_id = coming_message(shop, booking_id)
    client = people.logged_in(app, people.person(shop.id))
    client.get(f"/m/{link.raw}")
    day = in_half_a_year(shop)
    taken = day.replace(day=2 if day.day == 1 else 1)
    values = {
        "slug": shop.slug, "reference": reference, "day": f"{day}", "month": f"{day:%Y-%m}", "taken": f"{taken}",
        "number": documents.invoiced(shop, booking_id), "export": f"{documents.exported(shop)}",
        "feed": feed.secret, "message": f"{message_id}",
        "entry": f"{queue(shop, client, booking_id, taken, min(size, MOST_WAITING))}",
    }  # fmt: skip
    return Site(shop, values, client)


def coming_message(shop: Business, booking_id: Any) -> UUID:
    """One of those that this booking is going to get."""
    planning.keep_up(shop.id, booking_id, at=time.now())
    return log.of_booking(shop.id, booking_id).coming[0].id


def queue(shop: Business, client: Any, booking_id: Any, taken: date, size: int) -> UUID:
    """Couples who wait for a day of that booking; the browser holds the link of the last."""
    kinds = {taken: ClaimKind.EVENT}
    availability.claim_days(shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=kinds)
    entries = [queues.join(shop, f"N{number}", on=taken) for number in range(size)]
    raw = waitlist_links.mint(shop.id, entries[-1], at=time.now())
    client.get(f"/w/{raw}")
    return entries[-1]


def lengthen(booking_id: object, size: int) -> None:
    """More lines, more that happened, more mails to this booking."""
    database.execute(
        "INSERT INTO booking_line (id, tenant_id, booking_id, position, description, quantity, unit_cents, net_cents,"
        " tax_rate_bp, tax_cents, gross_cents) SELECT gen_random_uuid(), tenant_id, id, n, 'Album', 1, 1, 1, 0, 0, 1"
        " FROM booking, generate_series(2, %s) n WHERE id = %s",
        size,
        booking_id,
    )
    database.execute(
        "INSERT INTO booking_event (id, tenant_id, booking_id, occurred_at, kind, actor)"
        " SELECT gen_random_uuid(), tenant_id, id, now(), 'hold_changed', 'couple' FROM booking, generate_series(2, %s)"
        " WHERE id = %s",
        size,
        booking_id,
    )
    database.execute(
        "INSERT INTO message (id, tenant_id, subject_type, subject_id, kind, slot, recipient, audience, status,"
        " created_at) SELECT gen_random_uuid(), tenant_id, 'booking', id, 'confirmation', n::text, 'a@couple.example',"
        " 'couple', 'sent', now() FROM booking, generate_series(1, %s) n WHERE id = %s",
        size,
        booking_id,
    )


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_asks_little_whatever_the_size_of_the_business(sites: dict[int, Site], name: str) -> None:
    asked = {size: site.asked(name) for size, site in sites.items()}
    assert len({len(sent) for sent in asked.values()}) == 1, asked


def test_every_page_is_counted(app: Application) -> None:
    adapter = app.url_map.bind("localhost")
    counted = {adapter.match(path.format_map(EMPTY).partition("?")[0])[0]
               for path in ADDRESSES.values()}  # fmt: skip
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    own = {endpoint for endpoint in pages - ELSEWHERE if endpoint.partition(".")[0] not in PLATFORM}
    assert own == counted


def test_the_count_would_see_more(sites: dict[int, Site]) -> None:
    with listening() as sent, database.reading(sites[1].shop.id):
        for _ in range(2):
            database.value("SELECT 1")
        database.execute("SELECT 2; SELECT set_config('app.nothing', '', true); SELECT 3")
    assert sent == ["SELECT 1", "SELECT 1", "SELECT 2", "SELECT 3"]
