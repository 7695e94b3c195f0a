"""P11: a stage is kept paid once. Money beyond that goes back (P10 looks after it), and the booking stands.

With it: the stages of a booking that stands are its total, as its lines are, and what only waits for a change to be
done is no part of them.
"""

from datetime import datetime

from portal.promises.violations import Violation, found

# A payment is kept for as long as not all of it goes back.
_KEPT = (
    "p.amount_cents > (SELECT coalesce(sum(r.amount_cents), 0) FROM refund_request r WHERE r.tenant_id = p.tenant_id"
    " AND r.payment_id = p.id AND r.status <> 'FAILED')"
)


def kept(at: datetime) -> list[Violation]:
    """P11, once quiet."""
    return [*once(at), *whole(at), *waiting(at)]


def whole(_at: datetime) -> list[Violation]:
    """The parts of a price, and its lines, add up to it."""
    return found(
        "P11",
        "SELECT b.reference AS subject, 'costs ' || b.total_cents || ', its lines ' || l.cents || ' and its stages '"
        "  || s.cents - b.credited_cents AS what FROM booking b"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(gross_cents), 0) AS cents FROM booking_line"
        "  WHERE tenant_id = b.tenant_id AND booking_id = b.id) l"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS cents FROM booking_payment_stage"
        "  WHERE tenant_id = b.tenant_id AND booking_id = b.id AND status <> 'VOID' AND quote_id IS NULL) s"
        " WHERE b.status IN ('held', 'confirmed', 'completed', 'cancelling')"
        "  AND (l.cents <> b.total_cents OR s.cents - b.credited_cents <> b.total_cents)",
    )


def waiting(_at: datetime) -> list[Violation]:
    """What waits for a change can be paid only while that change waits."""
    return found(
        "P11",
        "SELECT s.id AS subject, 'of ' || b.reference || ' is ' || s.status || ' for a change that is ' || q.status"
        "  AS what FROM booking_payment_stage s JOIN booking b ON b.tenant_id = s.tenant_id AND b.id = s.booking_id"
        " JOIN change_quote q ON q.tenant_id = s.tenant_id AND q.id = s.quote_id"
        " WHERE s.status <> 'VOID' AND (q.status <> 'confirmed' OR q.booking_id <> s.booking_id)",
    )


def once(_at: datetime) -> list[Violation]:
    """No stage is paid twice."""
    return found(
        "P11",
        "SELECT k.id AS subject, 'of ' || k.reference || ' is ' || k.status || ' at ' || k.amount_cents || ': '"
        "  || k.payments || ' payments are kept for it, and ' || k.cents || ' of them pays it' AS what"
        " FROM (SELECT s.id, s.status, s.amount_cents, b.reference, count(DISTINCT p.id) AS payments,"
        "   sum(a.amount_cents) AS cents FROM payment_allocation a"
        "   JOIN booking_payment_stage s ON s.tenant_id = a.tenant_id AND s.id = a.stage_id"
        "   JOIN booking b ON b.tenant_id = s.tenant_id AND b.id = s.booking_id"
        f"   JOIN payment p ON p.tenant_id = a.tenant_id AND p.id = a.payment_id WHERE {_KEPT}"
        "   GROUP BY s.id, b.reference) k"
        " WHERE k.payments > 1 OR k.cents > k.amount_cents OR k.status NOT IN ('COMPLETED', 'REFUNDED')",
    )
