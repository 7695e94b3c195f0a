"""Looks at events that are owed to a worker: whenever something happened to a booking, or nobody is sure any more."""

from datetime import datetime
from uuid import UUID

from portal.calendars.events import MAY_BE_THERE
from portal.db import database, outbox


def keep_up(tenant_id: UUID, booking_id: UUID) -> None:
    """Something happened to a booking: owe a look at its event in each calendar that has or should have one."""
    with database.writing(tenant_id):
        for row in database.rows(
            "SELECT k.id FROM calendar_connection k JOIN booking b ON b.tenant_id = k.tenant_id AND b.id = %s"
            " WHERE k.tenant_id = %s AND k.kind = 'google' AND k.ended_at IS NULL"
            " AND (k.has_bookings AND b.resource_id = k.resource_id"
            "  OR EXISTS (SELECT 1 FROM calendar_event e WHERE e.tenant_id = k.tenant_id AND e.connection_id = k.id"
            f"   AND e.booking_id = b.id AND {MAY_BE_THERE}))",
            booking_id,
            tenant_id,
        ):
            outbox.owe("calendar.sync", booking_id, payload={"connection_id": str(row.id)})


def owe_all(tenant_id: UUID, connection_id: UUID) -> None:
    """Owe a look at each event that may be in a calendar, within the open transaction."""
    for row in database.rows(
        f"SELECT e.booking_id FROM calendar_event e WHERE e.tenant_id = %s AND e.connection_id = %s AND {MAY_BE_THERE}",
        tenant_id,
        connection_id,
    ):
        owe_further(row.booking_id, connection_id)


def owe_further(
    booking_id: UUID, connection_id: UUID, *, dedupe_key: str | None = None, due_at: datetime | None = None
) -> None:
    """Owe a look at an event of which nobody is sure what the calendar holds, within the open transaction."""
    payload = {"connection_id": str(connection_id), "is_further": True}
    outbox.owe("calendar.sync", booking_id, payload=payload, dedupe_key=dedupe_key, due_at=due_at)
