"""Calendars elsewhere whose entries block days here: connecting one, asking for a check, ending it, how each stands.

Nothing here asks another server; a check is owed to a worker (``refreshing``).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from peewee import IntegrityError

from portal.availability import outside
from portal.calendars import targets
from portal.calendars.models import CalendarConnection
from portal.calendars.targets import Refused
from portal.db import database, outbox
from portal.db.insert import insert
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_, clean_line

MOST = 10
LONGEST_NAME = 60
_EVERY = timedelta(minutes=30)
_AT_ONCE = 500
_NO_PATIENCE = timedelta(minutes=1)  # whoever presses twice gets one check
_GONE = N_("This calendar is not connected any more.")
_TWICE = N_("This calendar is connected already.")


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as its owner sees it; ``host`` is what of its address may be shown to everybody who works there."""

    id: UUID
    resource_id: UUID
    name: str
    host: str
    is_whole_days_only: bool
    asked_at: datetime | None
    checked_at: datetime | None
    read_at: datetime | None
    entries: int
    left_out: int
    failure: str
    busy_days: int


@dataclass(frozen=True, slots=True)
class Clash:
    """A booking on a day that is busy elsewhere."""

    reference: str
    couple: str
    on: date
    calendars: str


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
    name = clean_line(name, most=LONGEST_NAME) or target.host[:LONGEST_NAME]
    with database.writing(tenant_id):
        found = database.value(
            "SELECT (SELECT count(*) FROM calendar_connection WHERE tenant_id = r.tenant_id) FROM resource r"
            " WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            resource_id,
        )
        if found is None:
            raise NotFound(N_("This calendar does not exist."))
        if found >= MOST:
            raise Conflict(N_("Ten calendars are connected already. Please end one first."))
        try:
            insert(
                CalendarConnection,
                {
                    "id": connection_id, "tenant_id": tenant_id, "resource_id": resource_id, "kind": "address",
                    "name": name, "address": address, "is_whole_days_only": is_whole_days_only, "created_by": user_id,
                    "created_at": at, "asked_at": at, "next_check_at": at + _EVERY,
                },
            )  # fmt: skip
        except IntegrityError as error:
            if database.constraint_of(error) != "calendar_connection_once":
                raise
            raise Invalid(_TWICE, {"address": _TWICE}) from error
        outbox.owe("calendar.refresh", connection_id)
    return connection_id


def ask(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Have a connection checked now. Raises NotFound."""
    with database.writing(tenant_id):
        row = database.row(
            "SELECT asked_at FROM calendar_connection WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            connection_id,
        )
        if row is None:
            raise NotFound(_GONE)
        if row.asked_at and row.asked_at > at - _NO_PATIENCE:
            return
        database.execute(
            "UPDATE calendar_connection SET asked_at = %s WHERE tenant_id = %s AND id = %s",
            at,
            tenant_id,
            connection_id,
        )
        outbox.owe("calendar.refresh", connection_id)


def end(tenant_id: UUID, connection_id: UUID) -> None:
    """Read a calendar no more; the days it blocked are free again. Raises NotFound."""
    with database.writing(tenant_id):
        resource_id = database.value(
            "SELECT resource_id FROM calendar_connection WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            connection_id,
        )
        if resource_id is None:
            raise NotFound(_GONE)
        outside.forget(tenant_id, connection_id=connection_id, resource_id=resource_id)
        database.execute("DELETE FROM calendar_connection WHERE tenant_id = %s AND id = %s", tenant_id, connection_id)


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


def of_tenant(tenant_id: UUID, *, today: date) -> list[ConnectionView]:
    """The connections there are, by name."""
    found = database.rows(
        "SELECT k.*, (SELECT count(*) FROM external_busy x WHERE x.tenant_id = k.tenant_id AND x.connection_id = k.id"
        "  AND x.busy_on >= %s) AS busy_days FROM calendar_connection k WHERE k.tenant_id = %s ORDER BY k.name, k.id",
        today,
        tenant_id,
    )
    return [_view(row) for row in found]


def clashes(tenant_id: UUID, *, today: date) -> list[Clash]:
    """Bookings ahead on days that are busy elsewhere, soonest first. They stand: this only warns."""
    found = database.rows(
        "SELECT b.reference, b.couple, x.busy_on, string_agg(DISTINCT k.name, ', ' ORDER BY k.name) AS calendars"
        " FROM external_busy x JOIN calendar_connection k ON k.tenant_id = x.tenant_id AND k.id = x.connection_id"
        " JOIN date_claim c ON c.tenant_id = x.tenant_id AND c.resource_id = x.resource_id AND c.claimed_on = x.busy_on"
        "  AND c.kind IN ('event', 'hold') JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id"
        " WHERE x.tenant_id = %s AND x.busy_on >= %s GROUP BY b.reference, b.couple, x.busy_on"
        " ORDER BY x.busy_on, b.reference LIMIT 100",
        tenant_id,
        today,
    )
    return [Clash(*row) for row in found]


def _owe(tenant_id: UUID, connection_id: UUID, at: datetime) -> int:
    """Only one of several schedulers: the one that moves the time on."""
    with database.writing(tenant_id):
        moved = database.execute(
            "UPDATE calendar_connection SET next_check_at = %s"
            " WHERE tenant_id = %s AND id = %s AND next_check_at <= %s",
            at + _EVERY,
            tenant_id,
            connection_id,
            at,
        )
        if moved:
            outbox.owe("calendar.refresh", connection_id)
    return moved


def _view(row: database.Row) -> ConnectionView:
    return ConnectionView(
        row.id, row.resource_id, row.name, _host(row.address), row.is_whole_days_only, row.asked_at, row.checked_at,
        row.read_at, row.entries, row.left_out, row.failure, row.busy_days,
    )  # fmt: skip


def _host(address: str) -> str:
    """The rest of an address is as secret as a password."""
    try:
        return targets.parse(address).host
    except Refused:
        return ""
