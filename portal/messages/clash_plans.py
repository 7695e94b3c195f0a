"""The business hears once that a booking of its own lies on a day that has become busy in another of its calendars.

A clash is a booking and a day: it is told once, whichever calendar it came from and however often it comes back. The
booking stands; only a person knows which of the two is wrong.
"""

from datetime import datetime
from uuid import UUID

from portal.availability import outside
from portal.bookings import queries, service
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.messages import notices
from portal.messages.states import MessageKind

_BETWEEN = ","


def busy_outside(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """Tell of those days of a confirmed booking that are busy elsewhere and were not told of, in one mail."""
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        if queries.by_id(tenant_id, booking_id).status is not BookingStatus.CONFIRMED:
            return
        days = [clash.on.isoformat() for clash in outside.clashes(tenant_id, booking_id)]
        told = _told(tenant_id, booking_id)
        new = [day for day in dict.fromkeys(days) if day not in told]
        if new:
            notices.tell(tenant_id, booking_id, MessageKind.BUSY_OUTSIDE, slot=_BETWEEN.join(new), at=at)


def _told(tenant_id: UUID, booking_id: UUID) -> set[str]:
    found = database.rows(
        "SELECT slot FROM notice WHERE tenant_id = %s AND booking_id = %s AND kind = %s",
        tenant_id,
        booking_id,
        MessageKind.BUSY_OUTSIDE,
    )
    return {day for row in found for day in row.slot.split(_BETWEEN)}
