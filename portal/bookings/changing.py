"""What a change writes into a booking that stands: its price, or its date. Amounts and dates are decided elsewhere.

Law: lines, net, tax, total and commission change together, so that the lines are the total at every commit. The
caller has locked the booking's row, and changes its stages and its days in the same transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.bookings import placing, pricing, tokens
from portal.bookings.models import Booking, BookingLine
from portal.bookings.pricing import Price
from portal.db import database

_SHORT_LIVED = ["reschedule", "cancel", "email"]


@dataclass(frozen=True, slots=True)
class Place:
    """What is sold for when: a package of so many days, from this one on."""

    event_on: date
    days: int
    buffer_days: int
    resource_id: UUID
    package_id: UUID
    package_name: str


def reprice(booking: Booking, price: Price, *, credited_cents: int) -> None:
    """Put another price in the place of the one it has; its currency, tax mode and rate of commission stay."""
    tenant_id, booking_id = booking.tenant_id, booking.id
    BookingLine.delete().where((BookingLine.tenant_id == tenant_id) & (BookingLine.booking_id == booking_id)).execute()
    placing.write_lines(tenant_id, booking_id, price)
    database.execute(
        "UPDATE booking SET net_cents = %s, tax_cents = %s, total_cents = %s, commission_cents = %s,"
        " credited_cents = %s, version = version + 1 WHERE tenant_id = %s AND id = %s",
        price.net_cents,
        price.tax_cents,
        price.total_cents,
        pricing.commission_at(price.total_cents, booking.commission_bp).cents,
        credited_cents,
        tenant_id,
        booking_id,
    )


def move(booking: Booking, to: Place, *, counts: bool, at: datetime) -> None:
    """Give it another date. ``counts``: whether it is one of the moves that the terms count.

    Links to it live on until the end that the new date gives them.
    """
    database.execute(
        "UPDATE booking SET original_on = coalesce(original_on, event_on), event_on = %s, days = %s, buffer_days = %s,"
        " resource_id = %s, package_id = %s, package_name = %s, moves_done = moves_done + %s, version = version + 1"
        " WHERE tenant_id = %s AND id = %s",
        to.event_on,
        to.days,
        to.buffer_days,
        to.resource_id,
        to.package_id,
        to.package_name,
        int(counts),
        booking.tenant_id,
        booking.id,
    )
    _prolong_links(booking, to, at)


def _prolong_links(booking: Booking, to: Place, at: datetime) -> None:
    timezone = database.value("SELECT timezone FROM tenant WHERE id = %s", booking.tenant_id)
    database.execute(
        "UPDATE booking_action_token SET expires_at = greatest(expires_at, %s) WHERE tenant_id = %s AND booking_id = %s"
        " AND action <> ALL (%s) AND used_at IS NULL AND revoked_at IS NULL AND expires_at > %s",
        tokens.ends_at(to.event_on, to.days, timezone),
        booking.tenant_id,
        booking.id,
        _SHORT_LIVED,
        at,
    )
