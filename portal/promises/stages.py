"""P11: a stage is kept paid once. Money beyond that goes back (P10 looks after it), and the booking stands."""

from datetime import datetime

from portal.promises.violations import Violation, found

# A payment is kept for as long as not all of it goes back.
_KEPT = (
    "p.amount_cents > (SELECT coalesce(sum(r.amount_cents), 0) FROM refund_request r WHERE r.tenant_id = p.tenant_id"
    " AND r.payment_id = p.id AND r.status <> 'FAILED')"
)


def once(_at: datetime) -> list[Violation]:
    """P11, once quiet."""
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
