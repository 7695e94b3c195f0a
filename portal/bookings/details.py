"""What a couple tells of itself and its day, written as one; the timeline keeps what it said before.

Runs inside a transaction that has locked the booking. The address of mail and whatever costs money are not of these.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from portal.bookings import service
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor
from portal.db import database


@dataclass(frozen=True, slots=True)
class Details:
    """As the couple wrote it, cleaned."""

    first_partner: str
    second_partner: str
    phone: str
    venue: str
    guest_count: int | None
    notes: str

    @property
    def couple(self) -> str:
        """Both partners' names as one line."""
        return f"{self.first_partner} & {self.second_partner}"

    @property
    def fingerprint(self) -> str:
        """A short name for exactly these, by which a form says what it was filled in from."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]


def details_of(booking: BookingView) -> Details:
    """What a booking says now."""
    return Details(**{name: getattr(booking, name) for name in Details.__slots__})


def differences(before: Details, after: Details) -> dict[str, list[object]]:
    """What would be another, by field: before and after."""
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def write(booking: BookingView, wanted: Details, changes: Mapping[str, object], *, actor: Actor, at: datetime) -> int:
    """Write them down and tell it in the timeline; the booking's new version."""
    database.execute(
        "UPDATE customer SET first_partner = %s, second_partner = %s, phone = %s WHERE tenant_id = %s AND id = %s",
        wanted.first_partner,
        wanted.second_partner,
        wanted.phone,
        booking.tenant_id,
        booking.customer_id,
    )
    version = int(
        database.value(
            "UPDATE booking SET couple = %s, venue = %s, guest_count = %s, notes = %s, version = version + 1"
            " WHERE tenant_id = %s AND id = %s RETURNING version",
            wanted.couple,
            wanted.venue,
            wanted.guest_count,
            wanted.notes,
            booking.tenant_id,
            booking.id,
        )
    )
    tell(booking.tenant_id, booking.id, version, "details_changed", changes, actor=actor, at=at)
    return version


def tell(
    tenant_id: UUID, booking_id: UUID, version: int, kind: str, changes: object, *, actor: Actor, at: datetime
) -> None:
    """What was changed, in the timeline; a mail finds it there by the version that it led to."""
    details = {"version": version, "changes": changes}
    service.note_event(tenant_id, booking_id, at=at, actor=actor, kind=kind, details=details)
