"""When a connected calendar is read: regularly, and when somebody asks for it. Owes the reading to a worker."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.calendars.connections import EVERY, GONE
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.errors import NotFound

_AT_ONCE = 500
_NO_PATIENCE = timedelta(minutes=1)  # whoever presses twice gets one check


def ask(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Have a connection checked now. Raises NotFound."""
    with database.writing(tenant_id):
        row = database.row(
            "SELECT asked_at, ended_at FROM calendar_connection WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            connection_id,
        )
        if row is None:
            raise NotFound(GONE)
        if row.ended_at or (row.asked_at and row.asked_at > at - _NO_PATIENCE):
            return
        database.execute(
            "UPDATE calendar_connection SET asked_at = %s WHERE tenant_id = %s AND id = %s",
            at,
            tenant_id,
            connection_id,
        )
        outbox.owe("calendar.refresh", connection_id)


def owe_due(at: datetime) -> int:
    """Owe a check of every connection of all tenants whose time has come; how many."""
    with database.reading(), platform_scope(reason="calendars of all tenants that are due"):
        due = database.rows(
            "SELECT k.tenant_id, k.id FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id AND t.is_active"
            " WHERE k.next_check_at <= %s ORDER BY k.next_check_at LIMIT %s",
            at,
            _AT_ONCE,
        )
    return sum(_owe(row.tenant_id, row.id, at) for row in due)


def _owe(tenant_id: UUID, connection_id: UUID, at: datetime) -> int:
    """Only one of several schedulers: the one that moves the time on."""
    with database.writing(tenant_id):
        moved = database.execute(
            "UPDATE calendar_connection SET next_check_at = %s"
            " WHERE tenant_id = %s AND id = %s AND next_check_at <= %s",
            at + EVERY,
            tenant_id,
            connection_id,
            at,
        )
        if moved:
            outbox.owe("calendar.refresh", connection_id)
    return moved
