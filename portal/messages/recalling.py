"""Messages that are due and have not left are taken back before a worker has begun with them.

The effect that would send one ends here, under its row's lock: whichever of this and a worker comes second finds the
other's work. What a worker has begun with is out of reach, and whoever asked is told so.
"""

from collections.abc import Collection
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time

INTERRUPTED = "an attempt to send it was interrupted"


def take_back(tenant_id: UUID, message_ids: Collection[UUID]) -> list[UUID]:
    """End the effects of those that nobody has begun with, and plan them again; their ids. Within a transaction.

    Why an earlier attempt failed stays on the row, so that the channel is asked before the next one.
    """
    with database.writing(), platform_scope(reason="the outbox is carried out for all tenants"):
        ended = database.rows(
            "UPDATE outbox SET status = 'done', ended_at = %s, lease_id = NULL"
            " WHERE tenant_id = %s AND kind = 'message.send' AND subject_id = ANY (%s) AND status = 'due'"
            " RETURNING subject_id",
            time.now(),
            tenant_id,
            list(message_ids),
        )
    found = database.rows(
        "UPDATE message SET status = 'planned' WHERE tenant_id = %s AND id = ANY (%s) AND status = 'due' RETURNING id",
        tenant_id,
        [row.subject_id for row in ended],
    )
    return [row.id for row in found]


def put_back(tenant_id: UUID, message_id: UUID, *, is_first_attempt: bool) -> None:
    """A worker has found, before it handed a message over, that its booking's messages are paused."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE message SET status = 'planned', failure = CASE WHEN failure = '' THEN %s ELSE failure END"
            " WHERE tenant_id = %s AND id = %s AND status IN ('due', 'failed')",
            "" if is_first_attempt else INTERRUPTED,
            tenant_id,
            message_id,
        )
