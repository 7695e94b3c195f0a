"""P4 of dates that are kept without paying: as long as was promised, no longer than a session needs, and 48 hours at
most once somebody else has asked for them.
"""

from portal.promises.violations import Violation, found

# The end of the last session that could be paid for it; a session may outlast the promise, never cut it short.
_SESSIONS_END = (
    "(SELECT max(c.expires_at) FROM checkout c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id"
    " AND c.purpose = 'booking')"
)


def kept_otherwise() -> list[Violation]:
    """Every kept date whose time is another one than its couple was told."""
    return found(
        "P4",
        "SELECT reference AS subject, what FROM (SELECT b.reference, CASE"
        "  WHEN b.status = 'held' AND b.hold_expires_at < b.courtesy_until THEN 'is kept shorter than was promised'"
        f" WHEN b.status = 'held' AND b.hold_expires_at > greatest(b.courtesy_until, {_SESSIONS_END})"
        "   THEN 'is kept longer than was promised'"
        "  WHEN b.status = 'expired' AND b.ended_at < b.courtesy_until THEN 'was free before its promised end'"
        "  WHEN b.courtesy_until > b.challenged_at + interval '48 hours' THEN 'keeps others waiting for too long'"
        "  END AS what FROM booking b WHERE b.is_courtesy) kept WHERE what IS NOT NULL",
    )
