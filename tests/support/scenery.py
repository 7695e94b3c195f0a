"""A business with a booking in every state, and a secret link to each: what a walk over all pages needs."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from portal.availability import service as availability
from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7
from tests.support import couples, sold, world
from tests.support.world import Business

REVIEW = "needs_review = true, review_reason = 'payment_mismatch: amount'"
# How a paid booking gets into a state, whatever leads to it in life.
STATES = {
    "confirmed": "version = version",
    "completed": "status = 'completed'",
    "expired": "status = 'expired'",
    "cancelling": "status = 'cancelling', cancel_requested_at = created_at, cancel_actor = 'couple',"
    " cancel_undo_until = created_at + interval '1 hour', cancel_refund_cents = 0",
    "cancelled": "status = 'cancelled'",
    "review": REVIEW,
}


@dataclass
class Scenery:
    """The business, its bookings by state, and the raw token of a link to each."""

    shop: Business
    references: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def keep(self, state: str, booking_id: UUID, reference: str) -> None:
        self.references[state] = reference
        minted = tokens.mint(self.shop.id, booking_id, action=LinkAction.BROWSER, at=time.now())
        self.links[state] = minted.raw

    def change(self, statement: str, *params: object) -> None:
        """Put rows into a state that would take days in life."""
        with database.writing(self.shop.id):
            database.execute(statement, *params)

    def day(self, number: int) -> date:
        """A day of its own for each booking."""
        return couples.in_half_a_year(self.shop, plus=5 * number)


def built() -> Scenery:
    """Two calendars, closed days, a package of several days, and bookings that got this far and that far."""
    shop = world.open_business(
        resources=("The barn", "The orchard"),
        name="Hawthorn & Rye",
        tagline="A barn, an orchard, and nobody else’s wedding",
        intro="Come and see it when the trees are out.",
        tax_mode="exclusive",
        tax_label="sales tax",
        brand_color="#8C5A5F",
        hero_image="img/demo/bella-weddings/hero.webp",
        hero_alt="A bridge",
        address="88 Bergen Street, Brooklyn",
        contact_phone="+1 718 555 0142",
        courtesy_days=7,
        is_listed=True,
    )
    shop.package("whole-day", rate_bp="887.5")
    shop.package("weekend", cents=980_000, days=3, buffer_days=1, resource=1)
    shop.add_on("Linen album")
    scenery = Scenery(shop)
    for number, (state, change) in enumerate(STATES.items()):
        paid = sold.sell(shop, event_on=scenery.day(number), package_slug="weekend" if number == 0 else "whole-day")
        scenery.change(f"UPDATE booking SET {change} WHERE id = %s", paid.booking_id)
        scenery.keep(state, paid.booking_id, paid.reference)
    _add_unpaid(scenery)
    _add_returned(scenery)
    tomorrow = shop.tenant.today(time.now()) + timedelta(days=1)
    availability.black_out(
        shop.id,
        resource_id=shop.resource_id,
        first_on=tomorrow,
        last_on=tomorrow + timedelta(days=2),
        note="Orchard fair",
        user_id=None,
        at=time.now(),
    )
    return scenery


def _add_unpaid(scenery: Scenery) -> None:
    shop = scenery.shop
    held = couples.hold(shop, event_on=scenery.day(10))
    scenery.keep("held", held.booking_id, held.reference)
    kept = couples.hold(shop, event_on=scenery.day(13), is_courtesy=True)
    scenery.keep("kept", kept.booking_id, kept.reference)
    slow = couples.hold(shop, event_on=scenery.day(11))
    scenery.change("UPDATE checkout SET status = 'processing' WHERE id = %s", slow.checkout_id)
    scenery.keep("processing", slow.booking_id, slow.reference)


def _add_returned(scenery: Scenery) -> None:
    """Paid too late, and given back."""
    paid = sold.sell(scenery.shop, event_on=scenery.day(12))
    scenery.change("UPDATE booking SET status = 'expired' WHERE id = %s", paid.booking_id)
    scenery.change(
        "INSERT INTO refund_request (id, tenant_id, booking_id, payment_id, amount_cents, currency, status, reason,"
        " idempotency_key, requested_at, changed_at) SELECT %s, tenant_id, booking_id, id, amount_cents, currency,"
        " 'COMPLETED', 'date_taken', id::text, captured_at, captured_at FROM payment WHERE booking_id = %s",
        uuid7(),
        paid.booking_id,
    )
    scenery.keep("returned", paid.booking_id, paid.reference)
