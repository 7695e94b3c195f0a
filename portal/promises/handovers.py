"""P7: a move never holds neither of its dates, and never ends with both.

While it waits for its money a booking has every day of its old date and keeps every day of the new one. Done or
lapsed, it has one date alone; and its story is one unbroken way from the first date to the one it is on.
"""

from datetime import datetime

from portal.promises.violations import Violation, found

_STANDS = "b.status IN ('confirmed', 'cancelling', 'completed')"
_HAS_MOVED = (
    "EXISTS (SELECT 1 FROM change_quote q WHERE q.tenant_id = b.tenant_id AND q.booking_id = b.id"
    " AND q.kind = 'move' AND q.status <> 'offered')"
)
_NEW_ON, _NEW_LENGTH = (
    "(q.result->'event_on'->>1)::date",
    "(q.result->'days'->>1)::int + (q.result->>'buffer_days')::int",
)
_ON_ITS_DATE = (
    "c.quote_id IS NULL AND c.resource_id = b.resource_id"
    " AND c.claimed_on BETWEEN b.event_on AND b.event_on + (b.days + b.buffer_days - 1)"
)


def moves(_at: datetime) -> list[Violation]:
    """P7, always."""
    return [*_without_the_old(), *_without_the_new(), *_with_both(), *_steps(), *_ends()]


def _without_the_old() -> list[Violation]:
    """A booking that moves or has moved, and lacks days of the date it is on."""
    return found(
        "P7",
        "SELECT b.reference AS subject, 'has ' || count(c.id) || ' of the ' || (b.days + b.buffer_days)"
        "  || ' days of its date' AS what FROM booking b LEFT JOIN date_claim c ON c.tenant_id = b.tenant_id"
        f"  AND c.booking_id = b.id AND c.kind IN ('event', 'buffer') AND {_ON_ITS_DATE}"
        f" WHERE {_STANDS} AND {_HAS_MOVED} GROUP BY b.id HAVING count(c.id) <> b.days + b.buffer_days",
    )


def _without_the_new() -> list[Violation]:
    """A move that waits, and keeps less than all of the date it moves to."""
    return found(
        "P7",
        f"SELECT b.reference AS subject, 'keeps ' || count(c.id) || ' of the ' || ({_NEW_LENGTH})"
        "  || ' days it waits to move to' AS what"
        " FROM change_quote q JOIN booking b ON b.tenant_id = q.tenant_id AND b.id = q.booking_id"
        " LEFT JOIN date_claim c ON c.tenant_id = q.tenant_id AND c.booking_id = q.booking_id"
        "  AND c.resource_id = (q.result->>'resource_id')::uuid AND (c.quote_id IS NULL OR c.quote_id = q.id)"
        f"  AND c.claimed_on BETWEEN {_NEW_ON} AND {_NEW_ON} + ({_NEW_LENGTH} - 1)"
        " WHERE q.kind = 'move' AND q.status = 'confirmed' GROUP BY b.id, q.id"
        f" HAVING count(c.id) <> {_NEW_LENGTH}",
    )


def _with_both() -> list[Violation]:
    """A booking that still claims a day of a date it has left, or of one it never came to."""
    return found(
        "P7",
        "SELECT b.reference AS subject, 'claims ' || c.claimed_on || ', and is not there nor on its way' AS what"
        " FROM booking b JOIN date_claim c ON c.tenant_id = b.tenant_id AND c.booking_id = b.id"
        " LEFT JOIN change_quote w ON w.tenant_id = c.tenant_id AND w.id = c.quote_id AND w.status = 'confirmed'"
        f" WHERE {_HAS_MOVED} AND w.id IS NULL AND NOT ({_ON_ITS_DATE})",
    )


def _steps() -> list[Violation]:
    """A move that began where the one before had not ended, or that was not the couple's quote."""
    return found(
        "P7",
        "SELECT b.reference AS subject, 'moved from ' || (e.details->'event_on'->>0) || ' and was on '"
        "  || coalesce(e.was, b.original_on::text) AS what"
        " FROM (SELECT tenant_id, booking_id, details, lag(details->'event_on'->>1) OVER"
        "   (PARTITION BY tenant_id, booking_id ORDER BY sequence) AS was FROM booking_event WHERE kind = 'moved') e"
        " JOIN booking b ON b.tenant_id = e.tenant_id AND b.id = e.booking_id"
        " WHERE coalesce(e.was, b.original_on::text) <> e.details->'event_on'->>0"
        " UNION ALL SELECT b.reference, 'moved by a quote that is not done' FROM booking_event e"
        " JOIN booking b ON b.tenant_id = e.tenant_id AND b.id = e.booking_id"
        " WHERE e.kind = 'moved' AND NOT EXISTS (SELECT 1 FROM change_quote q WHERE q.tenant_id = e.tenant_id"
        "  AND q.id = (e.details->>'quote')::uuid AND q.booking_id = e.booking_id AND q.kind = 'move'"
        "  AND q.status = 'done' AND q.ended_at = e.occurred_at AND q.result->'event_on' = e.details->'event_on')",
    )


def _ends() -> list[Violation]:
    """A move that is done, and none is told of; or a booking that is not where its last one has led."""
    return found(
        "P7",
        "SELECT b.reference AS subject, 'is on ' || b.event_on || ', and its last move led to ' || e.led_to AS what"
        " FROM booking b CROSS JOIN LATERAL (SELECT details->'event_on'->>1 AS led_to FROM booking_event"
        "   WHERE tenant_id = b.tenant_id AND booking_id = b.id AND kind = 'moved' ORDER BY sequence DESC LIMIT 1) e"
        " WHERE e.led_to <> b.event_on::text UNION ALL"
        " SELECT b.reference, 'has a move that is done, and its timeline does not know' FROM change_quote q"
        " JOIN booking b ON b.tenant_id = q.tenant_id AND b.id = q.booking_id WHERE q.kind = 'move'"
        " AND q.status = 'done' AND NOT EXISTS (SELECT 1 FROM booking_event e WHERE e.tenant_id = q.tenant_id"
        "  AND e.booking_id = q.booking_id AND e.kind = 'moved' AND e.details->>'quote' = q.id::text)",
    )
