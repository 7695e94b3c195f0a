"""Once a night, mails that could not leave within the last seven days are tried again.

What they say is read anew as ever, so that nothing leaves which is no longer so. A mail that was refused for good is
left alone: its effect is done. So is one to an address that is written to no more.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database, outbox
from portal.db.tenancy import platform_scope

FOR = timedelta(days=7)
BATCH = 500
# A mail that somebody else is at this moment trying again is theirs.
_REVIVED = """
WITH found AS (
  SELECT o.id, m.id AS message_id FROM outbox o JOIN message m ON m.id = o.subject_id
  WHERE o.kind = 'message.send' AND o.status = 'dead' AND o.created_at > %s AND o.id > %s AND NOT EXISTS (
    SELECT 1 FROM stopped_address s
    WHERE s.tenant_id = m.tenant_id AND s.email = lower(m.recipient) AND s.is_stopped)
  ORDER BY o.id LIMIT %s FOR UPDATE OF m SKIP LOCKED
), revived AS (
  UPDATE outbox o SET status = 'due', due_at = %s, attempts = 1, ended_at = NULL
  FROM found f WHERE o.id = f.id AND o.status = 'dead' RETURNING o.id, f.message_id
), due AS (
  UPDATE message m SET status = 'due' FROM revived r WHERE m.id = r.message_id AND m.status = 'failed'
)
SELECT id FROM revived ORDER BY id
"""


def recover(at: datetime) -> int:
    """Make dead mails of the last seven days due again; how many."""
    done, last = 0, UUID(int=0)
    while found := _recover_some(at, last):
        done, last = done + len(found), found[-1]
    return done


def _recover_some(at: datetime, after: UUID) -> list[UUID]:
    with database.writing(), platform_scope(reason="failed mails of all tenants"):
        found = [row.id for row in database.rows(_REVIVED, at - FOR, after, BATCH, at)]
        for effect_id in found:
            outbox.ring_after_commit(effect_id)
        return found
