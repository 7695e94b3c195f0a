"""Couples for tests: what they wish for, and dates held for them through the service."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.bookings.placing import Wish
from portal.kernel import time
from portal.lifecycle.hold import Held, HoldRequest, hold_date
from tests.support.world import Business

HALF_A_YEAR = timedelta(days=182)


def in_half_a_year(shop: Business, *, plus: int = 0) -> date:
    """A day on which the deposit is due now and the rest later."""
    return shop.tenant.today(time.now()) + HALF_A_YEAR + timedelta(days=plus)


def wish(shop: Business, **changes: Any) -> Wish:
    """Anna and Ben, on a day half a year ahead, paying a deposit."""
    plain = Wish(
        package_slug=next(iter(shop.packages)),
        event_on=in_half_a_year(shop),
        first_partner="Anna Smith",
        second_partner="Ben Jones",
        email="anna@couple.example",
        second_email="ben@couple.example",
        phone="+44 20 7946 0958",
        venue="The Old Mill",
        guest_count=80,
        notes="Two small children.",
        quantities={},
        pays_in_full=False,
    )
    return replace(plain, **changes)


def form(shop: Business, *, nonce: UUID | None = None, **changes: Any) -> HoldRequest:
    """A form with that wish in it."""
    base = f"http://localhost/t/{shop.slug}"
    return HoldRequest(
        nonce=nonce or uuid4(),
        wish=wish(shop, **changes),
        success_url=f"{base}/booked/{{reference}}",
        cancel_url=f"{base}/held/{{reference}}",
    )


def hold(shop: Business, *, at: datetime | None = None, **changes: Any) -> Held:
    """A date held for that couple; nobody has asked Stripe yet."""
    return hold_date(shop.id, form(shop, **changes), at=at or time.now())
