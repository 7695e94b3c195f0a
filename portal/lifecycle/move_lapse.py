"""Moves that were not paid in time: the session is ended at Stripe first, the new days are freed second.

Law: a move lapses only when no money can come for it unseen. What turns out to have been paid is carried out; money on
its way keeps the new days.
"""

from datetime import datetime
from uuid import UUID

from portal.bookings import quotes
from portal.bookings import service as bookings
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.lifecycle import move_steps, sessions, sweeping
from portal.lifecycle.move_steps import Lapse
from portal.payments import attempts
from portal.payments.attempts import IS_FOR_CHANGE

_AT_ONCE = 200


def lapse_due(at: datetime) -> int:
    """Let every move lapse that waited long enough, of all tenants, the oldest first; how many those were."""
    with database.reading(), platform_scope(reason="moves of all tenants run out of time"):
        due = database.rows(
            "SELECT q.tenant_id, q.booking_id FROM change_quote q"
            " WHERE q.status = 'confirmed' AND q.kind = 'move' AND q.expires_at <= %s AND NOT EXISTS"
            "  (SELECT 1 FROM checkout c WHERE c.tenant_id = q.tenant_id AND c.booking_id = q.booking_id"
            f"   AND c.status = 'processing' AND {IS_FOR_CHANGE}) ORDER BY q.expires_at LIMIT %s",
            at,
            _AT_ONCE,
        )
    return sum(_try(row.tenant_id, row.booking_id, at) for row in due)


def lapse(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> bool:
    """Let a booking's move lapse if its time is over and no money came for it; whether it has now.

    Raises GatewayError while Stripe cannot say what became of an attempt; the new days stay kept then.
    """
    with database.reading(tenant_id):
        quote = _overdue(tenant_id, booking_id, at)
        live = attempts.live(tenant_id, quote.id) if quote else []
    if quote is None:
        return False
    for checkout in live:
        sessions.end(checkout, at=at)
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        quote = _overdue(tenant_id, booking_id, at)
        if quote is None or attempts.live(tenant_id, quote.id):
            return False
        move_steps.lapse(booking, quote, Lapse.TIME, actor=Actor.SYSTEM, at=at)
        return True


def _overdue(tenant_id: UUID, booking_id: UUID, at: datetime) -> Quote | None:
    quote = quotes.waiting_move(tenant_id, booking_id)
    return quote if quote and quote.expires_at <= at else None


def _try(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return sweeping.attempt(
        lambda: lapse(tenant_id, booking_id, at=at), otherwise=False, stays=f"the move of booking {booking_id} waits on"
    )
