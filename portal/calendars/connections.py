"""Calendars elsewhere whose entries block days here: connecting one, ending it.

Nothing here asks another server; a worker does (``checking``, ``refreshing``). How each stands is told by ``standing``.
"""

from datetime import datetime, timedelta
from uuid import UUID

from peewee import IntegrityError

from portal.availability import outside
from portal.calendars import clearing, opening, targets
from portal.calendars.models import CalendarConnection
from portal.calendars.targets import Refused
from portal.db import database, outbox
from portal.db.insert import insert
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_, clean_line

MOST = 10
LONGEST_NAME = 60
EVERY = timedelta(minutes=30)
GONE = N_("This calendar is not connected any more.")
_TWICE = N_("This calendar is connected already.")


def connect(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    name: str,
    address: str,
    is_whole_days_only: bool,
    user_id: UUID | None = None,
    at: datetime,
) -> UUID:
    """Connect the calendar at an address, which is read at once by a worker. Raises Invalid, NotFound or Conflict."""
    address, connection_id = address.strip(), uuid7()
    try:
        target = targets.parse(address)
    except Refused as error:
        raise Invalid(error.reason, {"address": error.reason}) from None
    with database.writing(tenant_id):
        try:
            add(
                tenant_id, connection_id, resource_id=resource_id, kind="address", host=target.host,
                name=clean_line(name, most=LONGEST_NAME) or target.host[:LONGEST_NAME],
                secret=opening.sealed(tenant_id, connection_id, address),
                fingerprint=opening.fingerprint(tenant_id, address), is_whole_days_only=is_whole_days_only,
                created_by=user_id, at=at,
            )  # fmt: skip
        except IntegrityError as error:
            raise connected_twice(error, "address") from error
    return connection_id


def add(tenant_id: UUID, connection_id: UUID, *, resource_id: UUID, at: datetime, **columns: object) -> None:
    """A new connection that is read at once, within the open transaction. Raises NotFound, Conflict, IntegrityError."""
    # Those who press at once queue at the tenant's row and are counted one after the other.
    database.value("SELECT 1 FROM tenant WHERE id = %s FOR NO KEY UPDATE", tenant_id)
    found = database.value(
        "SELECT (SELECT count(*) FROM calendar_connection WHERE tenant_id = r.tenant_id) FROM resource r"
        " WHERE tenant_id = %s AND id = %s",
        tenant_id,
        resource_id,
    )
    if found is None:
        raise NotFound(N_("This calendar does not exist."))
    if found >= MOST:
        raise Conflict(N_("Ten calendars are connected already. Please end one first."))
    insert(
        CalendarConnection,
        {
            "id": connection_id, "tenant_id": tenant_id, "resource_id": resource_id, **columns,
            "created_at": at, "asked_at": at, "next_check_at": at + EVERY,
        },
    )  # fmt: skip
    outbox.owe("calendar.refresh", connection_id)


def connected_twice(error: IntegrityError, field: str) -> Exception:
    """What to raise instead of a violated constraint."""
    if database.constraint_of(error) != "calendar_connection_once":
        return error
    return Invalid(_TWICE, {field: _TWICE})


def end(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Read a calendar no more; the days it blocked are free again. Raises NotFound.

    One at Google stays until a worker has taken our events out of it.
    """
    with database.writing(tenant_id):
        row = database.row(
            "SELECT resource_id, kind FROM calendar_connection WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            connection_id,
        )
        if row is None:
            raise NotFound(GONE)
        if row.kind == "google":
            clearing.end(tenant_id, connection_id, at=at)
            return
        outside.forget(tenant_id, connection_id=connection_id, resource_id=row.resource_id)
        database.execute("DELETE FROM calendar_connection WHERE tenant_id = %s AND id = %s", tenant_id, connection_id)
