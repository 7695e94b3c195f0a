"""How each connected calendar stands, and which bookings lie on days that are busy elsewhere. Only reads.

Nothing that is secret about a connection is in a view.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.db import database


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as its owner sees it; ``shown`` is what of it may be shown to everybody who works there.

    ``failure`` says why it cannot be read, ``refusal`` why no booking can be entered; both may name ``%(email)s``.
    """

    id: UUID
    resource_id: UUID
    kind: str
    name: str
    shown: str
    client_email: str
    may_write: bool | None
    is_whole_days_only: bool
    has_bookings: bool
    asked_at: datetime | None
    checked_at: datetime | None
    read_at: datetime | None
    entries: int
    left_out: int
    failure: str
    busy_days: int
    refusal: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clash:
    """A booking on a day that is busy elsewhere."""

    reference: str
    couple: str
    on: date
    calendars: str


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


def _view(row: database.Row) -> ConnectionView:
    return ConnectionView(
        row.id, row.resource_id, row.kind, row.name, row.calendar_id or row.host, row.client_email, row.may_write,
        row.is_whole_days_only, row.has_bookings, row.asked_at, row.checked_at, row.read_at, row.entries,
        row.left_out, row.failure, row.busy_days, row.refusal, row.ended_at,
    )  # fmt: skip
