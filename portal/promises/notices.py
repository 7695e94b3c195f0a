"""P21 and P23 of what the business hears of: each thing once, in the way that was chosen, the summary at its hour."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.promises.clocks import shows
from portal.promises.violations import Violation, found, in_batches

# A summary that waits is planned within minutes, leaves within a day and may be tried for another.
_PLANNED_WITHIN = timedelta(hours=1)
_SUBJECT = "'notice ' || n.id AS subject"
_FROM = "FROM notice n LEFT JOIN message s ON s.tenant_id = n.tenant_id AND s.id = n.summary_id"


def told(at: datetime) -> list[Violation]:
    """P21, once quiet: who waits for word has a message that brings it."""
    return [
        *found(
            "P21",
            f"SELECT {_SUBJECT}, n.kind || ' was to be told at once and there is no mail of it' AS what {_FROM}"
            " WHERE n.way = 'at_once' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.tenant_id = n.tenant_id"
            "  AND m.subject_id = n.booking_id AND m.kind = n.kind AND m.slot = n.slot)",
        ),
        *found(
            "P21",
            f"SELECT {_SUBJECT}, n.kind || ' waits for a summary and none is planned' AS what {_FROM}"
            " WHERE n.way = 'daily' AND n.summary_id IS NULL AND n.created_at < %s AND NOT EXISTS (SELECT 1"
            "  FROM message m WHERE m.tenant_id = n.tenant_id AND m.subject_id = n.tenant_id"
            "  AND m.kind = 'daily_summary' AND m.status IN ('planned', 'due'))",
            at - _PLANNED_WITHIN,
        ),
        *found(
            "P21",
            f"SELECT {_SUBJECT}, n.kind || ' is part of a message that is ' || s.kind || ' and ' || s.status AS what"
            f" {_FROM} WHERE s.kind <> 'daily_summary' OR s.status IN ('planned', 'cancelled')",
        ),
        *found(
            "P21",
            "SELECT 'message ' || m.id AS subject, 'is a summary of nothing' AS what FROM message m"
            " WHERE m.kind = 'daily_summary' AND m.status = 'sent' AND NOT EXISTS (SELECT 1 FROM notice n"
            "  WHERE n.tenant_id = m.tenant_id AND n.summary_id = m.id)",
        ),
    ]


def at_their_hour() -> Iterator[Violation]:
    """P23: a clock at the business's place shows a summary's slot at its instant, and a slot has one summary."""
    yield from found(
        "P23",
        "SELECT 'tenant ' || m.tenant_id AS subject, 'got the summary of ' || m.slot || ' ' || count(*) || ' times'"
        " AS what FROM message m WHERE m.kind = 'daily_summary' AND m.status IN ('planned', 'due', 'sent')"
        " GROUP BY m.tenant_id, m.slot HAVING count(*) > 1",
    )
    rows = in_batches(
        "SELECT m.id, m.kind, m.slot, m.due_at, t.slug, t.timezone FROM message m JOIN tenant t ON t.id = m.tenant_id"
        " WHERE m.status = 'planned' AND m.kind IN ('daily_summary', 'free_dates') AND m.id > %s ORDER BY m.id"
    )
    for row in rows:
        if not shows(row.slot, row.due_at, ZoneInfo(row.timezone)):
            yield Violation("P23", row.slug, f"{row.kind} of {row.slot} is due at {row.due_at.isoformat()}")
