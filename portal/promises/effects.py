"""P25: every effect that is owed comes to an end, whatever ended the workers that were at it."""

from datetime import datetime, timedelta

from portal.promises.violations import Violation, found

# What keeps failing is tried again every ten minutes at the latest, for a day; a lease lasts a minute.
_SEEN_WITHIN = timedelta(days=1)
_LEASED_FOR = timedelta(hours=1)


def ended(at: datetime) -> list[Violation]:
    """P25, once quiet."""
    return [
        *found(
            "P25",
            "SELECT 'effect ' || id AS subject, kind || ' is due since ' || to_char(due_at AT TIME ZONE 'UTC',"
            " 'YYYY-MM-DD HH24:MI') || ' and nobody is at it' AS what FROM outbox"
            " WHERE (status = 'due' AND due_at < %s) OR (status = 'leased' AND leased_until < %s)",
            at - _SEEN_WITHIN,
            at - _LEASED_FOR,
        ),
        *found(
            "P25",
            "SELECT 'effect ' || id AS subject, kind || ' is ' || status || ' and does not say since when or why'"
            " AS what FROM outbox WHERE (status IN ('done', 'dead') AND ended_at IS NULL)"
            "  OR (status = 'dead' AND last_error = '') OR (status IN ('due', 'leased') AND ended_at IS NOT NULL)"
            "  OR (status = 'leased' AND (lease_id IS NULL OR leased_until IS NULL))",
        ),
    ]
