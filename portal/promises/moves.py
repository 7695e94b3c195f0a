"""A move that waits for its money, as P1 and P4 see it: its days are all its own or kept for it, and nobody else's are
kept; it does not wait longer than it can be paid for, and its days are not freed while it still can be.
"""

from collections.abc import Iterator
from datetime import datetime

from portal.promises.provider import Provider
from portal.promises.sessions import GRACE, may_bring_money, session_of
from portal.promises.violations import Violation, found, in_batches

# The days that a quote speaks of, and its sessions.
_SPAN = (
    "(q.result->'event_on'->>1)::date AND (q.result->'event_on'->>1)::date"
    " + ((q.result->'days'->>1)::int + (q.result->>'buffer_days')::int - 1)"
)
_LENGTH = "(q.result->'days'->>1)::int + (q.result->>'buffer_days')::int"
_SESSIONS = (
    "SELECT q.id, b.reference, q.status, q.expires_at, ARRAY(SELECT ARRAY[c.stripe_checkout_session_id,"
    "  c.stripe_account_id] FROM checkout c WHERE c.tenant_id = q.tenant_id AND c.booking_id = q.booking_id"
    "  AND c.purpose = 'move' AND c.stripe_checkout_session_id IS NOT NULL AND EXISTS (SELECT 1 FROM checkout_stage k"
    "   JOIN booking_payment_stage s ON s.tenant_id = k.tenant_id AND s.id = k.stage_id"
    "   WHERE k.tenant_id = c.tenant_id AND k.checkout_id = c.id AND s.quote_id = q.id)) AS sessions"
    " FROM change_quote q JOIN booking b ON b.tenant_id = q.tenant_id AND b.id = q.booking_id"
)


def days() -> list[Violation]:
    """P1: what is kept is kept for a move that waits, and such a move lacks none of its days."""
    kept = found(
        "P1",
        "SELECT b.reference AS subject, 'keeps ' || c.claimed_on || ' for a move that is ' || q.status AS what"
        " FROM date_claim c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " JOIN change_quote q ON q.tenant_id = c.tenant_id AND q.id = c.quote_id"
        " WHERE q.kind <> 'move' OR q.status <> 'confirmed' OR q.booking_id <> c.booking_id"
        f"  OR c.resource_id <> (q.result->>'resource_id')::uuid OR c.claimed_on NOT BETWEEN {_SPAN}",
    )
    lacking = found(
        "P1",
        "SELECT b.reference AS subject,"
        f" 'has ' || count(c.id) || ' of the ' || {_LENGTH} || ' days it moves to' AS what"
        " FROM change_quote q JOIN booking b ON b.tenant_id = q.tenant_id AND b.id = q.booking_id"
        " LEFT JOIN date_claim c ON c.tenant_id = q.tenant_id AND c.booking_id = q.booking_id"
        f"  AND c.resource_id = (q.result->>'resource_id')::uuid AND c.claimed_on BETWEEN {_SPAN}"
        f" WHERE q.kind = 'move' AND q.status = 'confirmed' GROUP BY b.id, q.id HAVING count(c.id) <> {_LENGTH}",
    )
    return [*kept, *lacking]


def kept_too_long(at: datetime, provider: Provider) -> Iterator[Violation]:
    """P4: a move past its end, none of whose sessions can still bring money."""
    overdue = in_batches(
        f"{_SESSIONS} WHERE q.kind = 'move' AND q.status = 'confirmed' AND q.expires_at < %s"
        " AND q.id > %s ORDER BY q.id",
        at - GRACE,
    )
    for quote in overdue:
        if not any(may_bring_money(session_of(provider, *session)) for session in quote.sessions):
            yield Violation(
                "P4", quote.reference, f"keeps another date since its end at {quote.expires_at:%Y-%m-%d %H:%M} UTC"
            )


def freed_too_early(at: datetime, provider: Provider) -> Iterator[Violation]:
    """P4: a move that lapsed, and its session is still open."""
    lapsed = in_batches(
        f"{_SESSIONS} WHERE q.kind = 'move' AND q.status = 'lapsed' AND q.expires_at > %s AND q.id > %s ORDER BY q.id",
        at,
    )
    for quote in lapsed:
        for each in quote.sessions:
            session = session_of(provider, *each)
            if session is not None and session.status == "open":
                yield Violation("P4", quote.reference, "gave a move up, and its session can still be paid")
