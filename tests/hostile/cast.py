"""Two businesses, and everybody who may come to either with something in the hand: links, logins, forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from portal.availability import service as availability
from portal.availability import waitlist_links
from portal.bookings import tokens
from portal.bookings.states import Actor, LinkAction, WhichAddress
from portal.calendars import connections
from portal.catalog import service as catalog
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.ids import new_reference
from portal.lifecycle import address, cancel
from portal.lifecycle.hold import Held
from portal.messages import log, notices, planning, service, stopped
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.messages.stopped import Reason
from portal.messages.wording import saving
from portal.messages.wording.store import Wording
from portal.payments import refunds
from portal.payments.states import RefundReason
from portal.web import limits
from portal.web.application import Application
from tests.hostile.furniture import furnish
from tests.support import couples, documents, people, queues, sold, world
from tests.support.couples import in_half_a_year
from tests.support.forms import csrf_of
from tests.support.sold import Sold
from tests.support.world import Business


@dataclass
class House:
    """A business with people and bookings."""

    shop: Business
    sold: Sold
    other_sold: Sold
    held: Held
    blackout_id: UUID
    quote_id: UUID
    request_id: UUID
    message_id: UUID
    entry_id: UUID
    link_id: UUID
    number: str
    export_id: UUID
    connection_id: UUID
    coming_id: UUID
    stopped_id: UUID
    mark: str

    @property
    def secrets(self) -> list[str]:
        """What nobody may read but who works there and the couple itself."""
        words = ("Anna", "Ben", "mill", "notes", "note", "Zoe", "Mum", "words")
        return [f"{self.mark} {word}" for word in words] + [f"{name}@{self.mark}" for name in ("anna", "zoe")]

    @property
    def values(self) -> dict[str, object]:
        """What fills the addresses of this business."""
        return {
            "slug": self.shop.slug,
            "package": next(iter(self.shop.packages)),
            "reference": self.sold.reference,
            "blackout_id": self.blackout_id,
            "quote_id": self.quote_id,
            "request_id": self.request_id,
            "message_id": self.message_id,
            "entry_id": self.entry_id,
            "token_id": self.link_id,
            "number": self.number,
            "export_id": self.export_id,
            "connection_id": self.connection_id,
            "coming_id": self.coming_id,
            "stopped_id": self.stopped_id,
        }


def invented() -> dict[str, object]:
    """What nobody has."""
    return {
        "slug": f"none-{uuid4().hex}",
        "package": f"none-{uuid4().hex}",
        "reference": new_reference(),
        "blackout_id": uuid4(),
        "entry_id": uuid4(),
        "token_id": uuid4(),
        "number": "NOBODY_2026_001",
        "export_id": uuid4(),
        "connection_id": uuid4(),
        "coming_id": uuid4(),
        "stopped_id": uuid4(),
    }


def house(mark: str) -> House:
    """A business whose every text carries a mark that nothing else carries."""
    shop = world.open_business(
        slug=f"{mark}-business", name=f"{mark} Weddings", tagline=f"{mark} tagline", intro=f"{mark} intro",
        tax_label=f"{mark} tax", terms=f"{mark} terms", contact_email=f"hello@{mark}.example", hero_alt=f"{mark} hero",
        contact_phone="020 7946 0000", address=f"{mark} road", resources=(f"{mark} hall",), is_listed=False,
    )  # fmt: skip
    shop.package(f"{mark}-day")
    package_id = shop.packages[f"{mark}-day"]
    catalog.change_package(
        shop.id, package_id, name=f"{mark} day", summary=f"{mark} summary", description=f"{mark} description",
        included=f"{mark} included",
    )  # fmt: skip
    catalog.add_photo(shop.id, package_id, src="img/none.svg", alt=f"{mark} photo", width=8, height=6)
    shop.add_on(f"{mark} album")
    day = in_half_a_year(shop, plus=20)
    blackout = availability.black_out(
        shop.id, resource_id=shop.resource_id, first_on=day, last_on=day + timedelta(days=1), note=f"{mark} note",
        at=time.now(),
    )  # fmt: skip
    people_of: dict[str, Any] = {
        "first_partner": f"{mark} Anna", "second_partner": f"{mark} Ben", "email": f"anna@{mark}.example",
        "second_email": f"ben@{mark}.example", "venue": f"{mark} mill", "notes": f"{mark} notes",
        "quantities": {shop.add_ons[f"{mark} album"]: 1},
    }  # fmt: skip
    first, second = (sold.sell(shop, event_on=in_half_a_year(shop, plus=plus), **people_of) for plus in range(2))
    held = couples.hold(shop, event_on=in_half_a_year(shop, plus=2), **people_of)
    quote = cancel.see(shop.id, first.booking_id, actor=Actor.COUPLE, at=time.now())
    with database.reading(shop.id):
        payment_id = database.value("SELECT id FROM payment WHERE booking_id = %s", first.booking_id)
    request_id = refunds.request(
        shop.id, payment_id, reason=RefundReason.OWNER, amount_cents=100, note=f"{mark} reason", at=time.now()
    )
    address.ask(shop.id, first.booking_id, WhichAddress.SECOND, f"new@{mark}.example", at=time.now())
    entry_id = queues.join(shop, f"{mark} Zoe", email=f"zoe@{mark}.example")
    link = tokens.mint(shop.id, first.booking_id, action=LinkAction.LOOK, label=f"{mark} Mum", at=time.now())
    _words(shop, mark)
    message_id, coming_id = _letters(shop, first, mark)
    number = documents.invoiced(shop, first.booking_id)
    documents.printed(shop, first.booking_id)
    connection_id = connections.connect(
        shop.id, resource_id=shop.resource_id, name=f"{mark} diary", address=f"https://{mark}.example/secret.ics",
        is_whole_days_only=False, at=time.now(),
    )  # fmt: skip
    furnish(shop, mark, held_id=held.booking_id, entry_id=entry_id, connection_id=connection_id)
    return House(
        shop, first, second, held, blackout.blackout_id, quote.id, request_id, message_id, entry_id, link.token_id,
        number, documents.exported(shop), connection_id, coming_id,
        _stopped(shop, mark), mark,
    )  # fmt: skip


def _words(shop: world.Business, mark: str) -> None:
    """What it writes itself in an email."""
    words = Wording(f"{mark} subject", f"{mark} words for {{couple}}")
    saving.save(shop.id, "confirmation", words, user_id=people.person(shop.id).user_id, at=time.now())


def _stopped(shop: world.Business, mark: str) -> UUID:
    """An address that came back."""
    stopped.stop(shop.id, f"zoe@{mark}.example", Reason.BOUNCED, at=time.now())
    with database.reading(shop.id):
        return stopped.listed(shop.id)[0].id


def _letters(shop: world.Business, booking: Sold, mark: str) -> tuple[UUID, UUID]:
    """A mail that failed, and one that is planned."""
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    with database.reading(shop.id):
        coming_id = log.of_booking(shop.id, booking.booking_id).coming[0].id
    (message_id,) = service.owe(
        shop.id, booking.booking_id, MessageKind.CONFIRMATION, slot=mark, at=time.now(),
        to=[Addressed(f"anna@{mark}.example", Audience.COUPLE)],
    )  # fmt: skip
    service.record_failed(shop.id, message_id, failure=f"{mark} takes no mail")
    notices.tell(shop.id, booking.booking_id, MessageKind.NEW_BOOKING, slot=mark, at=time.now())
    return message_id, coming_id


@dataclass
class Visitor:
    """A browser, and who sits before it."""

    name: str
    client: FlaskClient
    csrf: str = ""

    def __post_init__(self) -> None:
        self.csrf = csrf_of(self.client)

    def send(self, method: str, address: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
        """Ask for an address; a form comes with its token."""
        if method != "POST":
            return self.client.open(address, method=method, **more)
        return self.client.post(address, data={"csrf_token": self.csrf, **(fields or {})}, **more)


def couple(app: Application, home: House, booking: Sold | Held) -> Visitor:
    """A browser that has opened the link of a booking."""
    client = app.test_client()
    minted = tokens.mint(home.shop.id, booking.booking_id, action=LinkAction.MANAGE, at=time.now())
    assert client.get(f"/m/{minted.raw}").status_code == 302
    return Visitor("couple", client)


def waiter(app: Application, home: House) -> Visitor:
    """A browser that has opened the link of somebody who waits."""
    client = app.test_client()
    raw = waitlist_links.mint(home.shop.id, home.entry_id, at=time.now())
    assert client.get(f"/w/{raw}").status_code == 302
    return Visitor("waiter", client)


def member(app: Application, home: House, role: Role = Role.OWNER) -> Visitor:
    """Somebody who works there, logged in."""
    forget_limits()
    return Visitor(role.value, people.logged_in(app, people.person(home.shop.id, role)))


def forget_limits() -> None:
    """As if nobody had tried anything yet."""
    limits._in_process.cache_clear()


def addresses(app: Application, values: dict[str, object], *, method: str, only: str = "") -> Iterator[tuple[str, str]]:
    """Each rule that answers a method, filled in, as endpoint and address; ``only`` those with such an argument."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint.partition(".")[0] in {"dev", "static", "health"}:
            continue
        if only and only not in rule.arguments:
            continue
        filled = {"token": "x" * 43, "digest": "0" * 12, "colour": "5a7c65", "kind": "confirmation", **values}
        yield rule.endpoint, adapter.build(rule.endpoint, {name: filled[name] for name in rule.arguments})
