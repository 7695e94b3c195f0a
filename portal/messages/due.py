"""What is due, of all tenants at once: one statement finds it, marks it and owes one effect for each message.

Any number of schedulers may run it side by side. What was missed by more than a day is recorded as skipped, and so is
what passed by while a booking's messages were paused.
"""

from datetime import datetime

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.messages import reminders
from portal.messages.reminders import LATE, MISSED, PAUSED

BATCH = 500
# Begins with the longest due, along the index of what is planned; rows that somebody else is at are theirs.
_FOUND = """
  SELECT m.id, m.due_at < %s AS is_late, coalesce(b.messages_paused, false) AS is_paused
  FROM message m
  LEFT JOIN booking b ON m.subject_type = 'booking' AND b.tenant_id = m.tenant_id AND b.id = m.subject_id
  WHERE m.status = 'planned' AND m.due_at <= %s
    AND (m.due_at < %s OR b.messages_paused IS NOT TRUE)
  ORDER BY m.due_at LIMIT %s FOR UPDATE OF m SKIP LOCKED
"""
_STATEMENT = f"""
WITH found AS ({_FOUND}), marked AS (
  UPDATE message m SET status = CASE WHEN f.is_late THEN 'skipped' ELSE 'due' END,
    failure = CASE WHEN f.is_late AND f.is_paused THEN %s WHEN f.is_late THEN %s ELSE m.failure END
  FROM found f WHERE m.id = f.id RETURNING m.id, m.tenant_id, m.status
), owed AS (
  INSERT INTO outbox (id, tenant_id, kind, subject_id, status, due_at, created_at)
  SELECT gen_random_uuid(), tenant_id, 'message.send', id, 'due', %s, %s FROM marked WHERE status = 'due'
  RETURNING id
)
SELECT (SELECT count(*) FROM marked) AS marked, (SELECT array_agg(id) FROM owed) AS owed
"""


def mark_due(at: datetime) -> int:
    """Turn everything that is due into effects; how many messages were marked."""
    done = 0
    while reminders.is_switched_on() and (marked := mark_some(at)):
        done += marked
        if marked < BATCH:
            break
    return done


def mark_some(at: datetime, *, batch: int = BATCH) -> int:
    """One round of it: so many at most, in one transaction of its own."""
    late = at - LATE
    with database.writing(), platform_scope(reason="what is due is found for all tenants at once"):
        row = database.row(_STATEMENT, late, at, late, batch, PAUSED, MISSED, at, at)
        assert row is not None  # noqa: S101  it counts
        for effect_id in row.owed or ():
            outbox.ring_after_commit(effect_id)
        return int(row.marked)
