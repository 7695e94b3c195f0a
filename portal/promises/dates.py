"""P1: a day is claimed at most once, and by whom it should be. P3: a timeline walks the allowed states.
P4: no hold outlives its end, unless its money may still come, and no date is freed while it may.
"""

from collections.abc import Iterator
from datetime import datetime

from portal.bookings.states import CLAIMS_ITS_DAYS, TRANSITIONS
from portal.db import database
from portal.promises import courtesy, moves, waiting
from portal.promises.provider import Provider
from portal.promises.sessions import GRACE, may_bring_money, session_of
from portal.promises.violations import Violation, everything, found, in_batches

_CLAIMING = [status.value for status in CLAIMS_ITS_DAYS]


def claims(_at: datetime) -> list[Violation]:
    """P1, always."""
    of_days = [*_days_of_bookings(), *_days_of_others(), *_days_of_blackouts(), *moves.days(), *waiting.days()]
    return [*_constraint(), *_doubles(), *of_days]


def _constraint() -> list[Violation]:
    """A unique index of exactly these columns, over all rows, none of which can be null."""
    with everything():
        is_enforced = database.value(
            "SELECT bool_or(ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid"
            "   AND a.attnum = ANY (i.indkey::smallint[]) AND a.attnotnull ORDER BY 1)"
            "  = ARRAY['claimed_on', 'resource_id', 'tenant_id'])"
            " FROM pg_index i WHERE i.indrelid = 'date_claim'::regclass AND i.indisunique AND i.indisvalid"
            " AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = 3"
        )
    if is_enforced:
        return []
    return [Violation("P1", "date_claim", "the database no longer refuses a second claim of a resource's day")]


def _doubles() -> list[Violation]:
    return found(
        "P1",
        "SELECT resource_id || ' ' || claimed_on AS subject, 'claimed ' || count(*) || ' times' AS what"
        " FROM date_claim GROUP BY tenant_id, resource_id, claimed_on HAVING count(*) > 1",
    )


def _days_of_bookings() -> list[Violation]:
    return found(
        "P1",
        "SELECT b.reference AS subject, 'owns ' || count(c.id) || ' of its ' || (b.days + b.buffer_days) || ' days'"
        "  AS what FROM booking b LEFT JOIN date_claim c ON c.tenant_id = b.tenant_id AND c.booking_id = b.id"
        "  AND c.resource_id = b.resource_id AND c.quote_id IS NULL"
        "  AND c.claimed_on BETWEEN b.event_on AND b.event_on + (b.days + b.buffer_days - 1)"
        "  AND c.kind = CASE WHEN b.status = 'held' THEN 'hold'"
        "                    WHEN c.claimed_on < b.event_on + b.days THEN 'event' ELSE 'buffer' END"
        " WHERE b.status = ANY (%s) GROUP BY b.id HAVING count(c.id) <> b.days + b.buffer_days",
        _CLAIMING,
    )


def _days_of_others() -> list[Violation]:
    return found(
        "P1",
        "SELECT b.reference AS subject, 'is ' || b.status || ' and claims ' || c.claimed_on AS what"
        " FROM date_claim c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE b.status <> ALL (%s) OR (c.quote_id IS NULL AND (c.resource_id <> b.resource_id"
        "  OR c.claimed_on NOT BETWEEN b.event_on AND b.event_on + (b.days + b.buffer_days - 1)))",
        _CLAIMING,
    )


def _days_of_blackouts() -> list[Violation]:
    return found(
        "P1",
        "SELECT d.id AS subject, 'is a blackout of other days and claims ' || c.claimed_on AS what"
        " FROM date_claim c JOIN blackout_date d ON d.tenant_id = c.tenant_id AND d.id = c.blackout_id"
        " WHERE c.resource_id <> d.resource_id OR c.claimed_on NOT BETWEEN d.first_on AND d.last_on",
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
        "SELECT b.reference AS subject, 'is ' || b.status || ' but its timeline ends at '"
        "  || coalesce(e.to_status, 'nothing') AS what FROM booking b LEFT JOIN LATERAL ("
        "   SELECT to_status FROM booking_event e WHERE e.tenant_id = b.tenant_id AND e.booking_id = b.id"
        "   AND to_status IS NOT NULL ORDER BY sequence DESC LIMIT 1) e ON true"
        " WHERE e.to_status IS DISTINCT FROM b.status",
    )
    return [*walks, *ends]


def holds(at: datetime) -> list[Violation]:
    """P4, once quiet: asks the provider how the sessions of a hold past its end stand, and of a date that is free."""
    provider = Provider("P4")
    return [
        *_held_too_long(at, provider),
        *_freed_too_early(at, provider),
        *courtesy.kept_otherwise(),
        *moves.kept_too_long(at, provider),
        *moves.freed_too_early(at, provider),
        *waiting.kept_too_long(at),
        *provider.troubles(),
    ]


def _held_too_long(at: datetime, provider: Provider) -> Iterator[Violation]:
    overdue = in_batches(
        "SELECT b.id, b.reference, b.hold_expires_at, ARRAY(SELECT ARRAY[c.stripe_checkout_session_id,"
        "   c.stripe_account_id] FROM checkout c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id"
        "   AND c.stripe_checkout_session_id IS NOT NULL) AS sessions"
        " FROM booking b WHERE b.status = 'held' AND b.hold_expires_at < %s AND b.id > %s ORDER BY b.id",
        at - GRACE,
    )
    for hold in overdue:
        if not any(may_bring_money(session_of(provider, *session)) for session in hold.sessions):
            yield Violation("P4", hold.reference, f"held since its end at {hold.hold_expires_at:%Y-%m-%d %H:%M} UTC")


def _freed_too_early(at: datetime, provider: Provider) -> Iterator[Violation]:
    freed = in_batches(
        "SELECT c.id, b.reference, b.status, c.stripe_checkout_session_id AS session, c.stripe_account_id AS account"
        " FROM checkout c JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE b.status IN ('expired', 'cancelled') AND c.expires_at > %s"
        "  AND c.stripe_checkout_session_id IS NOT NULL AND c.id > %s ORDER BY c.id",
        at,
    )
    for checkout in freed:
        session = session_of(provider, checkout.session, checkout.account)
        if session is not None and session.status == "open":
            yield Violation("P4", checkout.reference, f"is {checkout.status}, and its session can still be paid")
