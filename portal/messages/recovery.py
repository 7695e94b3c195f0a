"""Once a night, mails that could not leave within the last seven days are tried again.

What they say is read anew as ever, so that nothing leaves which is no longer so. A mail that was refused for good is
left alone: its effect is done. So is one to an address that is written to no more.
"""

from datetime import datetime, timedelta

from portal.db import database, outbox
from portal.db.tenancy import platform_scope

FOR = timedelta(days=7)


def recover(at: datetime) -> int:
    """Make dead mails of the last seven days due again; how many."""
    with database.writing(), platform_scope(reason="failed mails of all tenants"):
        found = database.rows(
            "WITH revived AS (UPDATE outbox SET status = 'due', due_at = %s, attempts = 1, ended_at = NULL"
            "  WHERE kind = 'message.send' AND status = 'dead' AND created_at > %s AND NOT EXISTS ("
            "   SELECT 1 FROM message m JOIN stopped_address s ON s.tenant_id = m.tenant_id"
            "    AND s.email = lower(m.recipient) AND s.is_stopped WHERE m.id = outbox.subject_id)"
            "  RETURNING id, subject_id),"
            " due AS (UPDATE message m SET status = 'due' FROM revived r WHERE m.id = r.subject_id"
            "  AND m.status = 'failed')"
            " SELECT id FROM revived",
            at,
            at - FOR,
        )
        for row in found:
            outbox.ring_after_commit(row.id)
    return len(found)
