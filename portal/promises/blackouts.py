"""P2: no booking stands on a day that was blocked before its hold began. What is blocked later takes no day away.

A claim's key tells when the day was taken, and it stays when a hold becomes a booking, a waiting couple's offer a hold,
or a move its end. A blackout takes each free day of its range at once and gets those that are freed later, so no
claim of a booking may be younger than a blackout that covers its day. Of a day that is busy elsewhere, the row tells
since when it is.
"""

from datetime import datetime, timedelta

from portal.promises.violations import Violation, found

GRACE = timedelta(minutes=1)  # servers do not agree about the time to the second
# The first 48 bits of a version 7 UUID are milliseconds since 1970 (RFC 9562).
_MADE = "to_timestamp(('x' || left(replace({id}::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"


def blocked(_at: datetime) -> list[Violation]:
    """P2, always."""
    return [*_closed(), *_busy_elsewhere()]


def _closed() -> list[Violation]:
    return found(
        "P2",
        "SELECT b.reference AS subject, 'is ' || b.status || ' on ' || c.claimed_on"
        "  || ', which was blocked before it was taken' AS what"
        " FROM date_claim c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE b.status IN ('confirmed', 'cancelling', 'completed') AND c.quote_id IS NULL AND EXISTS ("
        "  SELECT 1 FROM blackout_date d WHERE d.tenant_id = c.tenant_id AND d.resource_id = c.resource_id"
        "  AND c.claimed_on BETWEEN d.first_on AND d.last_on"
        f"  AND {_MADE.format(id='d.id')} + %s < {_MADE.format(id='c.id')})",
        GRACE,
    )


def _busy_elsewhere() -> list[Violation]:
    return found(
        "P2",
        "SELECT b.reference AS subject, 'is ' || b.status || ' on ' || c.claimed_on"
        "  || ', which was busy elsewhere before it was taken' AS what"
        " FROM date_claim c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE b.status IN ('confirmed', 'cancelling', 'completed') AND c.quote_id IS NULL AND EXISTS ("
        "  SELECT 1 FROM external_busy x WHERE x.tenant_id = c.tenant_id AND x.resource_id = c.resource_id"
        f"  AND x.busy_on = c.claimed_on AND {_MADE.format(id='x.id')} + %s < {_MADE.format(id='c.id')})",
        GRACE,
    )
