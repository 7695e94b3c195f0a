"""P1: a day is claimed at most once, and by whom it should be. P3: a timeline walks the allowed states.
P4: no hold outlives its end, unless its money may still come.
"""

from datetime import datetime, timedelta

from portal.bookings.states import CLAIMS_ITS_DAYS, TRANSITIONS
from portal.db import database
from portal.payments import gateway
from portal.promises.violations import Violation, everything, found

GRACE = timedelta(minutes=5)


def claims(_at: datetime) -> list[Violation]:
    """P1, always."""
    return [*_constraint(), *_doubles(), *_days_of_bookings(), *_days_of_the_ended()]


def _constraint() -> list[Violation]:
    with everything():
        columns = database.value(
            "SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attnotnull"
            " WHERE c.conrelid = 'date_claim'::regclass AND c.conname = 'date_claim_once' AND c.contype = 'u'"
        )
    if columns == ["claimed_on", "resource_id", "tenant_id"]:
        return []
    return [
        Violation("P1", "date_claim", "the database no longer enforces date_claim_once over three not-null columns")
    ]


def _doubles() -> list[Violation]:
    return found(
        "P1",
        "SELECT resource_id || ' ' || claimed_on AS subject, 'claimed ' || count(*) || ' times' AS what"
        " FROM date_claim GROUP BY tenant_id, resource_id, claimed_on HAVING count(*) > 1",
    )


def _days_of_bookings() -> list[Violation]:
    return found(
        "P1",
        "SELECT b.reference AS subject, 'owns ' || count(c.id) || ' of its ' || (b.days +"
        " b.buffer_days) || ' days' AS what"
        " FROM booking b LEFT JOIN date_claim c ON c.tenant_id = b.tenant_id AND c.booking_id = b.id"
        "  AND c.resource_id = b.resource_id"
        "  AND c.claimed_on BETWEEN b.event_on AND b.event_on + (b.days + b.buffer_days - 1)"
        "  AND c.kind = CASE WHEN b.status = 'held' THEN 'hold'"
        "                    WHEN c.claimed_on < b.event_on + b.days THEN 'event' ELSE 'buffer' END"
        " WHERE b.status = ANY (%s) GROUP BY b.id HAVING count(c.id) <> b.days + b.buffer_days",
        [status.value for status in CLAIMS_ITS_DAYS],
    )


def _days_of_the_ended() -> list[Violation]:
    return found(
        "P1",
        "SELECT b.reference AS subject, 'is ' || b.status || ' and still claims ' || c.claimed_on AS what"
        " FROM date_claim c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE b.status <> ALL (%s) OR c.resource_id <> b.resource_id"
        "  OR c.claimed_on NOT BETWEEN b.event_on AND b.event_on + (b.days + b.buffer_days - 1)",
        [status.value for status in CLAIMS_ITS_DAYS],
    )


def timelines(_at: datetime) -> list[Violation]:
    """P3, always."""
    steps = [f"{before}>{after}" for before, allowed in TRANSITIONS.items() for after in allowed]
    walks = found(
        "P3",
        "SELECT b.reference AS subject, 'went from ' || coalesce(was, 'nothing') || ' to ' || e.to_status"
        "  || ' and noted ' || coalesce(e.from_status, 'nothing') AS what"
        " FROM (SELECT tenant_id, booking_id, from_status, to_status,"
        "   lag(to_status) OVER (PARTITION BY tenant_id, booking_id ORDER BY sequence) AS was"
        "   FROM booking_event WHERE to_status IS NOT NULL) e"
        " JOIN booking b ON b.tenant_id = e.tenant_id AND b.id = e.booking_id"
        " WHERE was IS DISTINCT FROM e.from_status OR (was IS NULL AND e.to_status <> 'held')"
        "  OR (was IS NOT NULL AND was || '>' || e.to_status <> ALL (%s))",
        steps,
    )
    ends = found(
        "P3",
        "SELECT b.reference AS subject, 'is ' || b.status || ' but its timeline ends at ' ||"
        " coalesce(e.to_status, 'nothing')"
        "  AS what FROM booking b LEFT JOIN LATERAL (SELECT to_status FROM booking_event e WHERE"
        " e.tenant_id = b.tenant_id"
        "  AND e.booking_id = b.id AND to_status IS NOT NULL ORDER BY sequence DESC LIMIT 1) e ON true"
        " WHERE e.to_status IS DISTINCT FROM b.status",
    )
    return [*walks, *ends]


def holds(at: datetime) -> list[Violation]:
    """P4, once quiet: asks the provider whether the session of a hold past its end is still open."""
    with everything():
        overdue = database.rows(
            "SELECT b.reference, b.hold_expires_at, c.status, c.stripe_checkout_session_id, c.stripe_account_id"
            " FROM booking b LEFT JOIN LATERAL (SELECT * FROM checkout c WHERE c.tenant_id = b.tenant_id"
            "  AND c.booking_id = b.id ORDER BY attempt DESC LIMIT 1) c ON true"
            " WHERE b.status = 'held' AND b.hold_expires_at < %s",
            at - GRACE,
        )
    return [
        Violation("P4", hold.reference, f"held since its end at {hold.hold_expires_at:%Y-%m-%d %H:%M} UTC")
        for hold in overdue
        if not _money_may_come(hold)
    ]


def _money_may_come(hold: database.Row) -> bool:
    if hold.status == "processing":
        return True
    if not hold.stripe_checkout_session_id:
        return False
    session = gateway.current().fetch_session(hold.stripe_checkout_session_id, account=hold.stripe_account_id)
    return session.status == "open" or (session.status == "complete" and session.payment_status == "unpaid")
