"""Couples who wait for a taken date, for tests: joining, what became of them, and the worker's part."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.availability import service as dates
from portal.availability import waitlist_links
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time
from portal.lifecycle import waiting
from portal.lifecycle.hold import Held
from portal.lifecycle.waiting import JoinRequest
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.sold import Sold
from tests.support.till import rows
from tests.support.world import Business


def join(
    shop: Business,
    name: str = "Zoe",
    *,
    on: date | None = None,
    package: str | None = None,
    email: str | None = None,
    at: datetime | None = None,
) -> UUID:
    """Somebody joins the list of a date."""
    request = JoinRequest(
        package_slug=package or next(iter(shop.packages)),
        event_on=on or in_half_a_year(shop),
        name=f"{name} & Max",
        email=email or f"{name.lower()}@waiting.example",
    )
    return waiting.join(shop.id, request, at=at or time.now())


def serve(shop: Business, *, at: datetime | None = None) -> None:
    """Word of freed days reaches the worker."""
    for payload, effect_id in rows(
        shop, "SELECT payload, id FROM outbox WHERE kind = 'dates.freed' AND status = 'due' ORDER BY created_at"
    ):
        days = [date.fromisoformat(day) for day in payload["days"]]
        waiting.offer_freed(shop.id, resource_id=UUID(payload["resource_id"]), days=days, at=at or time.now())
        finish(effect_id)


def finish(effect_id: UUID) -> None:
    """An effect was carried out."""
    with database.writing(), platform_scope(reason="a test"):
        database.execute("UPDATE outbox SET status = 'done', ended_at = now() WHERE id = %s", effect_id)


def entry(shop: Business, entry_id: UUID) -> Any:
    """An entry as it stands."""
    with database.reading(shop.id):
        return database.row("SELECT * FROM waitlist_entry WHERE id = %s", entry_id)


def statuses(shop: Business) -> dict[str, str]:
    """Everybody on a list of a tenant, by first name."""
    found = rows(shop, "SELECT split_part(name, ' ', 1), status FROM waitlist_entry ORDER BY created_at, id")
    return {str(name): str(status) for name, status in found}


def kept(shop: Business, entry_id: UUID) -> list[date]:
    """The days that are kept for an entry."""
    found = rows(shop, "SELECT claimed_on FROM date_claim WHERE waitlist_id = %s ORDER BY claimed_on", entry_id)
    return [day for (day,) in found]


def link(shop: Business, entry_id: UUID) -> UUID:
    """A browser has opened the mailed link; the id that its cookie holds."""
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    with database.reading():
        return waitlist_links.open_link(raw, at=time.now()).token_id


def free(shop: Business, booked: Sold | Held) -> None:
    """A booking lets its days go, whatever led to it in life."""
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'cancelled' WHERE id = %s", booked.booking_id)
    dates.release_days(shop.id, booking_id=booked.booking_id)


def offered(shop: Business, name: str = "Zoe") -> UUID:
    """Somebody whose turn it is."""
    booked = sold.sell(shop)
    entry_id = join(shop, name)
    free(shop, booked)
    serve(shop)
    assert entry(shop, entry_id).status == "offered"
    return entry_id
