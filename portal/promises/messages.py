"""P21 and P22: each message that is due has an effect that sends it, or an end that somebody can see; and nothing was
told of a state that the database does not know.
"""

from datetime import datetime

from portal.promises import notices
from portal.promises.violations import Violation, found

# What a mail says has happened must stand in the timeline of the booking it is about.
_TOLD_OF = {
    "confirmation": "confirmed",
    "new_booking": "confirmed",
    "cancelling": "cancelling",
    "cancelled": "cancelled",
    "cancellation_undone": "cancellation_undone",
    "moved": "moved",
    "couple_moved": "moved",
}
_SUBJECTS = {"booking": "booking", "waitlist": "waitlist_entry", "tenant": "tenant"}
_SUBJECT = "'message ' || m.id AS subject"


def accounted_for(at: datetime) -> list[Violation]:
    """P21, once quiet: one row, and an acceptance or a failure that can be seen."""
    return [
        *notices.told(at),
        *found(
            "P21",
            f"SELECT {_SUBJECT}, 'is due and nothing is owed that would send it' AS what FROM message m"
            " WHERE m.status = 'due' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'message.send'"
            "  AND o.subject_id = m.id AND o.status IN ('due', 'leased'))",
        ),
        *found(
            "P21",
            f"SELECT {_SUBJECT}, 'is ' || m.status || ' and does not say when or why' AS what FROM message m"
            " WHERE (m.status = 'sent' AND (m.sent_at IS NULL OR m.provider_message_id = ''))"
            "  OR (m.status IN ('failed', 'skipped') AND m.failure = '')",
        ),
        *found(
            "P21",
            "SELECT 'effect ' || o.id AS subject, 'is dead and its message is ' || m.status AS what FROM outbox o"
            " JOIN message m ON m.id = o.subject_id WHERE o.kind = 'message.send' AND o.status = 'dead'"
            "  AND m.status = 'due' AND NOT EXISTS (SELECT 1 FROM outbox a WHERE a.kind = o.kind"
            "   AND a.subject_id = o.subject_id AND a.status IN ('due', 'leased'))",
        ),
    ]


def true(_at: datetime) -> list[Violation]:
    """P22, always."""
    orphans = [
        violation
        for subject, table in _SUBJECTS.items()
        for violation in found(
            "P22",
            f"SELECT {_SUBJECT}, 'is about a {subject} that does not exist' AS what FROM message m"
            f" WHERE m.subject_type = %s AND NOT EXISTS (SELECT 1 FROM {table} s WHERE s.id = m.subject_id)"
            # Who no longer waits is forgotten after a while, and what was told stays.
            "  AND (m.subject_type <> 'waitlist' OR m.status IN ('planned', 'due'))",
            subject,
        )
    ]
    return [*orphans, *_never_happened(), *_paid_by_nothing(), *_effects_of_nothing()]


def _never_happened() -> list[Violation]:
    return found(
        "P22",
        f"SELECT {_SUBJECT}, 'says ' || told.kind || ', which never happened' AS what FROM message m"
        " JOIN unnest(%s::text[], %s::text[]) AS told (kind, event) ON told.kind = m.kind"
        " WHERE m.subject_type = 'booking' AND NOT EXISTS (SELECT 1 FROM booking_event e"
        "  WHERE e.tenant_id = m.tenant_id AND e.booking_id = m.subject_id AND told.event IN (e.kind, e.to_status))",
        list(_TOLD_OF),
        list(_TOLD_OF.values()),
    )


def _paid_by_nothing() -> list[Violation]:
    return found(
        "P22",
        f"SELECT {_SUBJECT}, 'tells of a payment that does not exist' AS what FROM message m"
        " WHERE m.kind IN ('payment_received', 'couple_paid') AND NOT EXISTS (SELECT 1 FROM payment p"
        "  WHERE p.tenant_id = m.tenant_id AND p.booking_id = m.subject_id AND p.id::text = m.slot)",
    )


def _effects_of_nothing() -> list[Violation]:
    """An effect is written with its cause: without one, a rollback has left it behind."""
    return found(
        "P22",
        "SELECT 'effect ' || o.id AS subject, 'is owed about nothing' AS what FROM outbox o"
        " WHERE (o.kind = 'message.send' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = o.subject_id))"
        "  OR (o.kind LIKE 'booking.%%' AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.id = o.subject_id))"
        "  OR (o.kind = 'checkout.settle' AND NOT EXISTS (SELECT 1 FROM checkout c WHERE c.id = o.subject_id))",
    )
