"""Releasing holds that ran out: the session is ended at Stripe first, the date freed second.

Law: a hold is released only when no money can come for it unseen. An attempt of unknown outcome is found out first;
money that turns out to have come confirms; money on its way keeps the date.
"""

from datetime import datetime
from uuid import UUID

from portal.availability import service as dates
from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.lifecycle import hold_offer, sessions, sweeping
from portal.payments import attempts
from portal.payments.states import LIVE_CHECKOUTS

_AT_ONCE = 200


def release_due(at: datetime) -> int:
    """Release every hold that ran out, of all tenants, the oldest first; how many dates are free again."""
    with database.reading(), platform_scope(reason="holds of all tenants run out"):
        due = database.rows(
            "SELECT b.tenant_id, b.id FROM booking b WHERE b.status = 'held' AND b.hold_expires_at <= %s"
            " AND NOT EXISTS (SELECT 1 FROM checkout c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id"
            "   AND c.status = 'processing') ORDER BY b.hold_expires_at LIMIT %s",
            at,
            _AT_ONCE,
        )
    return sum(_try(row.tenant_id, row.id, at) for row in due)


def release(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> bool:
    """Free the days of a hold that ran out, unless money came or is on its way; whether they are free now.

    Raises GatewayError while Stripe cannot say what became of an attempt; the days stay held then.
    """
    with database.reading(tenant_id):
        if not _is_over(tenant_id, booking_id, at):
            return False
    sessions.end_all(tenant_id, booking_id, at=at)
    return _free(tenant_id, booking_id, at)


def _free(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        tries = attempts.of_booking(tenant_id, booking_id)
        if not _is_over(tenant_id, booking_id, at) or any(each.status in LIVE_CHECKOUTS for each in tries):
            return False
        bookings.transition(
            tenant_id,
            booking_id,
            frm=BookingStatus.HELD,
            to=BookingStatus.EXPIRED,
            at=at,
            actor=Actor.SYSTEM,
            kind="courtesy_ended" if booking.is_courtesy else "hold_ended",
        )
        hold_offer.give_back(booking, at=at)
        dates.release_days(tenant_id, booking_id=booking_id)
        if booking.is_courtesy:
            outbox.owe("booking.courtesy_ended", booking_id)
        return True


def _is_over(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return bool(
        database.value(
            "SELECT 1 FROM booking WHERE tenant_id = %s AND id = %s AND status = 'held' AND hold_expires_at <= %s",
            tenant_id,
            booking_id,
            at,
        )
    )


def _try(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return sweeping.attempt(
        lambda: release(tenant_id, booking_id, at=at), otherwise=False, stays=f"booking {booking_id} stays held"
    )
