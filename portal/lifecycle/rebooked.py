"""A date that was given up is sold again: where the terms say so, its couple gets a further share of what was kept.

Law: once for a booking, and only when each day of its event is sold on its calendar. What is kept is what was fixed
when it was cancelled, less what went back since; a refund that failed is owed and not kept.
"""

from datetime import datetime
from uuid import UUID

from portal.bookings import queries, quotes
from portal.bookings import service as bookings
from portal.bookings.policy import refund as formula
from portal.bookings.policy.refund import Paid
from portal.bookings.states import Actor
from portal.db import database, outbox
from portal.lifecycle import returns, terms
from portal.lifecycle.overview import Overview, overview
from portal.payments.states import RefundStatus

# Its days are event days of bookings that stand: a day that is held, or free between two events, is not sold.
_IS_SOLD_AGAIN = (
    "b.days = (SELECT count(*) FROM date_claim c JOIN booking n ON n.tenant_id = c.tenant_id AND n.id = c.booking_id"
    " WHERE c.tenant_id = b.tenant_id AND c.resource_id = b.resource_id AND c.kind = 'event'"
    " AND c.claimed_on BETWEEN b.event_on AND b.event_on + (b.days - 1) AND n.status IN ('confirmed', 'completed'))"
)
_WAITS = (
    "b.status = 'cancelled' AND b.rebooked_at IS NULL"
    " AND coalesce((b.policy -> 'cancellation' ->> 'rebooked_percent')::integer, 0) > 0"
)


def look(tenant_id: UUID, sold_id: UUID, *, at: datetime) -> int:
    """Give their share to couples whose date this booking has taken; how many got one."""
    with database.reading(tenant_id):
        found = database.rows(
            "SELECT b.id FROM booking s JOIN booking b ON b.tenant_id = s.tenant_id AND b.resource_id = s.resource_id"
            " AND b.event_on < s.event_on + s.days AND b.event_on + b.days > s.event_on"
            f" WHERE s.tenant_id = %s AND s.id = %s AND {_WAITS} AND {_IS_SOLD_AGAIN} ORDER BY b.ended_at, b.id",
            tenant_id,
            sold_id,
        )
    return sum(_share(tenant_id, row.id, at) for row in found)


def kept(account: Overview) -> list[Paid]:
    """What is kept of each payment: a refund that failed and was not asked for again is still owed."""
    owed: dict[UUID, int] = {}
    for refund in account.standing_refunds:
        if refund.status is RefundStatus.FAILED:
            owed[refund.payment_id] = owed.get(refund.payment_id, 0) + refund.amount_cents
    return [
        Paid(each.payment_id, max(each.left_cents - owed.get(each.payment_id, 0), 0), each.captured_at)
        for each in terms.payments(account)
    ]


def _share(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    """The share of one booking, unless it has it already or there is nothing to give."""
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        quote = quotes.cancelled_by(tenant_id, booking_id)
        if quote is None or not _is_due(tenant_id, booking_id):
            return False
        payments = kept(overview(tenant_id, booking_id))
        kept_cents = min(quote.result["kept_cents"], sum(paid.left_cents for paid in payments))
        policy = queries.by_id(tenant_id, booking_id).policy.cancellation
        cents = formula.rebooked_share(policy, kept_cents)
        if cents == 0:
            return False
        database.execute(
            "UPDATE booking SET rebooked_at = %s, rebooked_cents = %s, version = version + 1"
            " WHERE tenant_id = %s AND id = %s",
            at,
            cents,
            tenant_id,
            booking_id,
        )
        bookings.note_event(
            tenant_id, booking_id, at=at, actor=Actor.SYSTEM, kind="rebooked",
            details={"refund_cents": cents, "currency": booking.currency},
        )  # fmt: skip
        returns.give_back_share(tenant_id, booking_id, [*formula.spread(payments, cents)], at=at)
        outbox.owe("booking.rebooked", booking_id, dedupe_key=f"booking.rebooked:{booking_id}")
        return True


def _is_due(tenant_id: UUID, booking_id: UUID) -> bool:
    """Once more, now that nobody else can give it."""
    return bool(
        database.value(
            f"SELECT 1 FROM booking b WHERE b.tenant_id = %s AND b.id = %s AND {_WAITS} AND {_IS_SOLD_AGAIN}",
            tenant_id,
            booking_id,
        )
    )
