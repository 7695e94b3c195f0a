"""The bookings of somebody who gives an address of mail. For the worker, which then writes to that address alone.

A request is kept as the address's SHA-256: the web looks nothing up, so that neither its answer nor its time tells
whether anybody booked.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.bookings.states import BookingStatus
from portal.db import database

_HIDDEN = (BookingStatus.EXPIRED,)
_MOST = 100


@dataclass(frozen=True, slots=True)
class AddressedBooking:
    """A booking and the address on file that was meant."""

    booking_id: UUID
    address: str


def digest(address: str) -> str:
    """What is kept of an address that was typed."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def with_digest(tenant_id: UUID, wanted: str, *, not_before: date) -> list[AddressedBooking]:
    """Bookings whose first or second address this is, the next event first."""
    return _found(
        "encode(sha256(convert_to(lower(a.address), 'UTF8')), 'hex') = %s", tenant_id, wanted, not_before=not_before
    )


def with_address(tenant_id: UUID, address: str, *, not_before: date) -> list[AddressedBooking]:
    """The same for an address that is known."""
    return _found("lower(a.address) = lower(%s)", tenant_id, address, not_before=not_before)


def _found(condition: str, tenant_id: UUID, key: str, *, not_before: date) -> list[AddressedBooking]:
    found = database.rows(
        "SELECT b.id AS booking_id, a.address FROM customer c"
        " CROSS JOIN LATERAL (VALUES (c.email), (c.second_email)) AS a (address)"
        " JOIN booking b ON b.tenant_id = c.tenant_id AND b.customer_id = c.id"
        f" WHERE c.tenant_id = %s AND a.address IS NOT NULL AND {condition}"
        " AND b.event_on >= %s AND NOT b.status = ANY (%s) ORDER BY b.event_on, b.id LIMIT %s",
        tenant_id,
        key,
        not_before,
        list(_HIDDEN),
        _MOST,
    )
    return [AddressedBooking(*row) for row in found]
