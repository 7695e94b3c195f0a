"""What was paid, per booking, read from ledger and stages: never a state of the booking itself."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.db.prepared import Prepared


class Standing(StrEnum):
    """Where a booking stands with its money."""

    UNPAID = "unpaid"
    DEPOSIT_PAID = "deposit_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


def standing_of(*, received: int, returned: int, still_open: int, is_overdue: bool) -> Standing:
    """The one rule: money that went back is told first, then what is late, then what is still to come."""
    if returned and returned >= received:
        return Standing.REFUNDED
    if returned:
        return Standing.PARTLY_REFUNDED
    if not received:
        return Standing.UNPAID
    if not still_open:
        return Standing.PAID
    return Standing.OVERDUE if is_overdue else Standing.DEPOSIT_PAID


_STANDINGS = Prepared(
    "SELECT b.id, CASE WHEN l.paying > 0 THEN l.paying ELSE coalesce(l.received, 0) END::bigint AS received,"
    " CASE WHEN l.paying > 0 THEN coalesce(l.unpaying, 0) ELSE coalesce(l.returned, 0) END::bigint AS returned,"
    " coalesce(s.still_open, 0)::bigint AS still_open,"
    " coalesce(s.is_overdue, false) AND b.status IN ('held', 'confirmed', 'completed') AS is_overdue"
    " FROM booking b"
    " LEFT JOIN (SELECT booking_id, sum(amount_cents) FILTER (WHERE comes) AS received,"
    "   sum(amount_cents) FILTER (WHERE comes AND pays) AS paying,"
    "   -sum(amount_cents) FILTER (WHERE NOT comes) AS returned,"
    "   -sum(amount_cents) FILTER (WHERE NOT comes AND pays) AS unpaying"
    "   FROM (SELECT e.booking_id, e.amount_cents, e.kind IN ('capture', 'manual') AS comes,"
    "     e.payment_id IS NULL OR EXISTS (SELECT 1 FROM payment_allocation a"
    "       WHERE a.tenant_id = e.tenant_id AND a.payment_id = e.payment_id) AS pays FROM ledger_entry e"
    "     WHERE e.tenant_id = $1 AND e.booking_id = ANY ($2)"
    "     AND e.kind IN ('capture', 'manual', 'refund', 'refund_failed')) AS entries GROUP BY booking_id) l"
    "  ON l.booking_id = b.id"
    " LEFT JOIN (SELECT booking_id, sum(amount_cents) AS still_open, bool_or(due_on < $3) AS is_overdue"
    "   FROM booking_payment_stage WHERE tenant_id = $1 AND booking_id = ANY ($2)"
    "   AND status IN ('PENDING', 'FAILED') AND quote_id IS NULL"
    "   GROUP BY booking_id) s ON s.booking_id = b.id"
    " WHERE b.tenant_id = $1 AND b.id = ANY ($2)"
    "  AND (l.received > 0 OR b.status NOT IN ('expired', 'cancelled'))",
    "uuid",
    "uuid[]",
    "date",
)


def standings(tenant_id: UUID, booking_ids: Sequence[UUID], *, today: date) -> dict[UUID, Standing]:
    """The standing of each of some bookings, in one statement; none for one that ended before anything was paid.

    Money that paid nothing and went back (a second payment, say) does not count where other money paid.
    """
    if not booking_ids:
        return {}
    found = _STANDINGS.rows(tenant_id, list(booking_ids), today)
    return {
        row.id: standing_of(
            received=row.received, returned=row.returned, still_open=row.still_open, is_overdue=row.is_overdue
        )
        for row in found
    }
