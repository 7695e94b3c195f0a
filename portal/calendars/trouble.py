"""A calendar into which no event can be written until its owner does something: its owner is told, once.

Nothing of the bookings hangs on it. When a call goes well again, all events are compared, for some may be missing.
"""

from datetime import datetime
from uuid import UUID

from portal.db import database, outbox
from portal.kernel.text import N_

SILENT = N_("Google did not do what we asked for a whole day. We go on trying.")


def refuse(tenant_id: UUID, connection_id: UUID, *, reason: str, at: datetime) -> None:
    """No event can be written any more, for this reason."""
    with database.writing(tenant_id):
        was_well = database.execute(
            "UPDATE calendar_connection SET refusal = %s, refused_at = %s"
            " WHERE tenant_id = %s AND id = %s AND refusal = ''",
            reason,
            at,
            tenant_id,
            connection_id,
        )
        if was_well:
            outbox.owe("calendar.refused", connection_id)
            return
        database.execute(
            "UPDATE calendar_connection SET refusal = %s WHERE tenant_id = %s AND id = %s AND refusal <> %s",
            reason,
            tenant_id,
            connection_id,
            reason,
        )


def recover(tenant_id: UUID, connection_id: UUID) -> None:
    """A call went well. Joins the caller's transaction."""
    with database.writing(tenant_id):
        was_refused = database.execute(
            "UPDATE calendar_connection SET refusal = '', refused_at = NULL"
            " WHERE tenant_id = %s AND id = %s AND refusal <> ''",
            tenant_id,
            connection_id,
        )
        if was_refused:
            outbox.owe("calendar.compare", connection_id)


def give_up(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Something was tried for a whole day; the daily look goes on trying."""
    refuse(tenant_id, connection_id, reason=SILENT, at=at)
