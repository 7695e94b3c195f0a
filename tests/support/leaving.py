"""Couples who give their booking up, through the verbs, and a till that has taken their money."""

from datetime import datetime, timedelta
from typing import Any

from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import cancel
from portal.lifecycle.cancel import Confirmed
from portal.lifecycle.hold import Held
from portal.payments import checkouts
from tests.support.sold import Sold
from tests.support.till import Till, checkout, rows
from tests.support.world import Business

WINDOW = timedelta(minutes=60)  # what a new business starts with


def sold(till: Till, shop: Business, **wish: Any) -> Held:
    """A confirmed booking, what was due at booking paid at Stripe."""
    held = till.hold(shop, **wish)
    till.pay(shop, held)
    till.deliver()
    return held


def pay_the_rest(till: Till, shop: Business, held: Held) -> None:
    """What is still open, paid at Stripe."""
    open_session_for_the_rest(till, shop, held)
    till.pay(shop, held)
    till.deliver()


def open_session_for_the_rest(till: Till, shop: Business, held: Held) -> str:
    """Stripe's page for what is still open; the session's id."""
    wanted = "SELECT id FROM booking_payment_stage WHERE booking_id = %s AND status = 'PENDING'"
    stages = [stage for (stage,) in rows(shop, wanted, held.booking_id)]
    base = "http://localhost/paid"
    made = checkouts.prepare(shop.id, held.booking_id, stages=stages, at=time.now(), success_url=base, cancel_url=base)
    assert isinstance(checkouts.open_session(shop.id, made.id, at=time.now()), checkouts.Opened)
    return checkout(shop, held).stripe_checkout_session_id or ""


def see(shop: Business, held: Held | Sold, *, at: datetime | None = None, **changes: Any) -> Quote:
    """What the couple is shown."""
    return cancel.see(shop.id, held.booking_id, **{"actor": Actor.COUPLE, "at": at or time.now(), **changes})


def cancelling(shop: Business, held: Held | Sold, *, at: datetime | None = None, **changes: Any) -> Confirmed:
    """A couple that has confirmed what it was shown."""
    at = at or time.now()
    quote = see(shop, held, at=at, **changes)
    actor = changes.get("actor", Actor.COUPLE)
    confirmed = cancel.confirm(shop.id, held.booking_id, quote.id, actor=actor, at=at)
    assert isinstance(confirmed, Confirmed)
    return confirmed


def quotes(shop: Business) -> list[tuple[str, int]]:
    """Every quote of a tenant: where it stands and its amount."""
    return [
        (status, cents) for status, cents in rows(shop, "SELECT status, amount_cents FROM change_quote ORDER BY id")
    ]


def terms(shop: Business, held: Held | Sold, **changes: Any) -> None:
    """Let a booking have been made under other terms."""
    with database.writing(shop.id):
        for name, value in changes.items():
            database.execute(
                "UPDATE booking SET policy = jsonb_set(policy, ARRAY['cancellation', %s], to_jsonb(%s::text::jsonb))"
                " WHERE id = %s",
                name,
                value,
                held.booking_id,
            )
