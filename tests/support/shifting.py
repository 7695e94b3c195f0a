"""Couples who move their date, through the verbs, and the terms under which they may."""

from datetime import date, datetime
from typing import Any

from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import move
from portal.lifecycle.hold import Held
from portal.lifecycle.move import Moved, MoveWish
from tests.support import couples
from tests.support.sold import Sold
from tests.support.till import rows
from tests.support.world import Business


def later(shop: Business, days: int = 7) -> date:
    """A day so long after the one that couples book."""
    return couples.in_half_a_year(shop, plus=days)


def see(shop: Business, booking: Held | Sold, on: date, *, at: datetime | None = None, **changes: Any) -> Quote:
    """What is shown of a move to a day."""
    wish = MoveWish(event_on=on, package_id=changes.pop("package_id", None))
    return move.see(shop.id, booking.booking_id, wish, **{"actor": Actor.COUPLE, "at": at or time.now(), **changes})


def moved(shop: Business, booking: Held | Sold, on: date, *, at: datetime | None = None, **changes: Any) -> Quote:
    """A move for which nothing was due, confirmed."""
    quote = see(shop, booking, on, at=at, **changes)
    actor = changes.get("actor", Actor.COUPLE)
    done = move.confirm(shop.id, booking.booking_id, quote.id, actor=actor, at=at or time.now())
    assert isinstance(done, Moved)
    return quote


def terms(shop: Business, booking: Held | Sold, **changes: str) -> None:
    """Let a booking have been made under other terms of moving; each value is JSON."""
    with database.writing(shop.id):
        for name, value in changes.items():
            database.execute(
                "UPDATE booking SET policy = jsonb_set(policy, ARRAY['moving', %s], %s::jsonb) WHERE id = %s",
                name,
                value,
                booking.booking_id,
            )


def day(shop: Business, booking: Held | Sold) -> date:
    """The date that a booking has."""
    ((found,),) = rows(shop, "SELECT event_on FROM booking WHERE id = %s", booking.booking_id)
    assert isinstance(found, date)
    return found


def claimed(shop: Business) -> set[date]:
    """Every day that is taken."""
    return {found for (found,) in rows(shop, "SELECT claimed_on FROM date_claim")}
