"""What was shown is what is done: a change with money in it is offered as a quote, and only that quote is confirmed.

Law: a quote serves the booking, the kind of change and the person it was made for, once, within 15 minutes, while the
booking is as it was and the result would be the same. Else nothing is done and the figures of now are offered.
The caller has locked the booking's row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.bookings import quotes
from portal.bookings.models import Booking
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind, QuoteStatus
from portal.kernel.ids import uuid7

LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it would be done now. ``result`` holds everything that is shown of what will be done, as JSON.

    ``wish`` is what was asked for, ``basis`` what the figures come from.
    """

    kind: ChangeKind
    wish: Mapping[str, Any]
    basis: Mapping[str, Any]
    result: Mapping[str, Any]
    amount_cents: int


class WhyNot(StrEnum):
    """Why a quote cannot be confirmed."""

    UNKNOWN = "unknown"  # of another booking, another kind, another person, or none of ours
    USED = "used"
    EXPIRED = "expired"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Requoted:
    """Nothing was done: this is what would be done now, and why it has to be seen first."""

    quote: Quote
    why: WhyNot


def offer(booking: Booking, change: Change, *, actor: Actor, at: datetime, user_id: UUID | None = None) -> Quote:
    """Keep the figures that are going to be shown."""
    quote = Quote(
        id=uuid7(),
        booking_id=booking.id,
        kind=change.kind,
        status=QuoteStatus.OFFERED,
        actor=actor,
        offered_by=user_id,
        booking_version=booking.version,
        wish=change.wish,
        basis=change.basis,
        result=change.result,
        amount_cents=change.amount_cents,
        currency=booking.currency,
        offered_at=at,
        expires_at=at + LIFETIME,
    )
    quotes.write(booking.tenant_id, quote)
    return quote


def why_not(shown: Quote | None, booking: Booking, change: Change, *, actor: Actor, at: datetime) -> WhyNot | None:
    """Why what was shown cannot be done; None when it can."""
    if shown is None or shown.kind is not change.kind or shown.actor is not actor:
        return WhyNot.UNKNOWN
    if shown.status is not QuoteStatus.OFFERED:
        return WhyNot.USED
    if at > shown.expires_at:
        return WhyNot.EXPIRED
    if shown.booking_version != booking.version or shown.result != change.result:
        return WhyNot.CHANGED
    return None
