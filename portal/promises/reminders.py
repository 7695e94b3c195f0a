"""P23: no reminder after a cancellation or for an old date, each slot once at the tenant's local time, and what was
missed by more than a day is recorded as skipped.

The local time is read from the instant that is kept: from our way of making it nothing is taken.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.promises import notices
from portal.promises.clocks import shows
from portal.promises.violations import Violation, found, in_batches

_KINDS = ("event_soon", "event_eve", "follow_up", "balance_soon", "balance_due", "balance_overdue", "balance_last")
_OF_THE_EVENT = _KINDS[:3]
# A mail that was on its way when the button was pressed could not be called back.
_ON_ITS_WAY = "interval '2 minutes'"
_LATE, _SWEPT_WITHIN = timedelta(days=1), timedelta(minutes=15)
_SUBJECT = "b.reference AS subject"
_FROM = "FROM message m JOIN booking b ON b.tenant_id = m.tenant_id AND b.id = m.subject_id"


def kept(at: datetime) -> list[Violation]:
    """P23, once quiet."""
    return [
        *_after_the_end(),
        *_of_another_date(),
        *_twice(),
        *_missed(at),
        *_at_another_hour(),
        *notices.at_their_hour(),
    ]


def _after_the_end() -> list[Violation]:
    waiting = found(
        "P23",
        f"SELECT {_SUBJECT}, 'is ' || b.status || ' and is going to get ' || m.kind AS what {_FROM}"
        " WHERE m.status = 'planned' AND m.kind = ANY (%s) AND b.status NOT IN ('confirmed', 'completed')",
        list(_KINDS),
    )
    sent = found(
        "P23",
        f"SELECT {_SUBJECT}, 'was cancelled and got ' || m.kind || ' after that' AS what {_FROM}"
        " WHERE m.status = 'sent' AND m.kind = ANY (%s) AND b.status IN ('cancelling', 'cancelled')"
        f"  AND m.sent_at > b.cancel_requested_at + {_ON_ITS_WAY}",
        list(_KINDS),
    )
    return [*waiting, *sent]


def _of_another_date() -> list[Violation]:
    """What is planned counts its days from the date that the booking has, or from a payment that is open."""
    days = (
        "coalesce((t.reminder_plan -> m.kind ->> 'days')::int, CASE m.kind WHEN 'event_soon' THEN 3"
        " WHEN 'event_eve' THEN 1 WHEN 'follow_up' THEN 3 WHEN 'balance_soon' THEN 7 WHEN 'balance_due' THEN 0"
        " WHEN 'balance_overdue' THEN 2 ELSE 7 END)"
    )
    day = "left(m.slot, 10)::date"
    counted = f"CASE m.kind WHEN 'follow_up' THEN b.event_on + (b.days - 1) + {days} ELSE b.event_on - {days} END"
    joined = f"{_FROM} JOIN tenant t ON t.id = m.tenant_id"
    of_event = found(
        "P23",
        f"SELECT {_SUBJECT}, 'is on ' || b.event_on || ' and is going to get ' || m.kind || ' at ' || m.slot AS what"
        f" {joined} WHERE m.status = 'planned' AND b.is_planned AND m.kind = ANY (%s) AND {day} <> {counted}",
        list(_OF_THE_EVENT),
    )
    of_payment = found(
        "P23",
        f"SELECT {_SUBJECT}, 'has nothing open for which ' || m.kind || ' could be due at ' || m.slot AS what"
        f" {joined} WHERE m.status = 'planned' AND b.is_planned AND m.kind LIKE 'balance%%' AND NOT EXISTS"
        "  (SELECT 1 FROM booking_payment_stage s WHERE s.tenant_id = b.tenant_id AND s.booking_id = b.id"
        "   AND s.status IN ('PENDING', 'FAILED') AND s.quote_id IS NULL"
        f"   AND {day} = s.due_on + CASE m.kind WHEN 'balance_soon' THEN -1 ELSE 1 END * {days})",
    )
    # With the plan that holds now: what was sent under another one counted other days.
    sent = found(
        "P23",
        f"SELECT {_SUBJECT}, 'was on another date when it got ' || m.kind || ' at ' || m.slot AS what {joined}"
        " WHERE m.status = 'sent' AND m.kind = ANY (%s) AND m.sent_at > t.reminder_plan_at"
        "  AND m.sent_at > (SELECT max(e.occurred_at) FROM booking_event e WHERE e.tenant_id = b.tenant_id"
        f"   AND e.booking_id = b.id AND e.kind = 'moved') + {_ON_ITS_WAY} AND {day} <> {counted}",
        list(_OF_THE_EVENT),
    )
    return [*of_event, *of_payment, *sent]


def _twice() -> Iterator[Violation]:
    """The database says once for each address as it is written; a person may write one in two ways.

    Another hour or another number of days is no reason to tell the same of one day again.
    """
    for of in ("slot", "about_on"):
        yield from found(
            "P23",
            f"SELECT {_SUBJECT}, 'got ' || m.kind || ' of ' || m.{of} || ' ' || count(*) || ' times' AS what {_FROM}"
            f" WHERE m.status IN ('planned', 'due', 'sent') AND m.kind = ANY (%s) AND m.{of} IS NOT NULL"
            f" GROUP BY b.reference, m.kind, m.{of}, lower(m.recipient) HAVING count(*) > 1",
            list(_KINDS),
        )


def _missed(at: datetime) -> list[Violation]:
    late = found(
        "P23",
        f"SELECT {_SUBJECT}, m.kind || ' was due at ' || m.slot || ' and is neither sent nor skipped' AS what {_FROM}"
        " WHERE m.status = 'planned' AND m.due_at < %s",
        at - _LATE - _SWEPT_WITHIN,
    )
    # What was tried in time and failed may leave later: its effect is as old as the first attempt.
    sent = found(
        "P23",
        f"SELECT {_SUBJECT}, m.kind || ' of ' || m.slot || ' was sent although it was missed' AS what {_FROM}"
        " WHERE m.status = 'sent' AND m.kind = ANY (%s) AND (SELECT min(o.created_at) FROM outbox o"
        "  WHERE o.subject_id = m.id AND o.kind = 'message.send') > m.due_at + %s",
        list(_KINDS),
        _LATE + _SWEPT_WITHIN,
    )
    return [*late, *sent]


def _at_another_hour() -> Iterator[Violation]:
    """What a clock at the tenant's place shows at the instant is the slot, or as much later as the clock has jumped."""
    rows = in_batches(
        "SELECT m.id, m.kind, m.slot, m.due_at, b.reference, t.timezone FROM message m"
        " JOIN booking b ON b.tenant_id = m.tenant_id AND b.id = m.subject_id JOIN tenant t ON t.id = m.tenant_id"
        " WHERE m.status = 'planned' AND b.is_planned AND m.kind LIKE ANY (ARRAY['event%%', 'follow%%', 'balance%%'])"
        " AND m.id > %s ORDER BY m.id"
    )
    for row in rows:
        if not shows(row.slot, row.due_at, ZoneInfo(row.timezone)):
            yield Violation("P23", row.reference, f"{row.kind} of {row.slot} is due at {row.due_at.isoformat()}")
