"""Reading a connected calendar: first the network, then one short write. For workers.

Whatever goes wrong, the busy days of the last good reading stay, and the owner sees what is wrong and since when. Of
two readings at once the one that began later counts.
"""

from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from portal.availability import outside
from portal.availability.rules import furthest_on
from portal.calendars import errors, events, fetching, google_reading, opening, reading, recording, trouble
from portal.calendars.errors import GoogleError
from portal.calendars.reading import Busy
from portal.calendars.targets import PUBLIC, Refused, Rules
from portal.db import database
from portal.kernel import time

_AFTER = timedelta(days=60)  # an event may last beyond the last day on which one may start


def refresh(tenant_id: UUID, connection_id: UUID, *, at: datetime, rules: Rules = PUBLIC) -> None:
    """Read a calendar and block its busy days; says in the connection how it went. Raises nothing that it expects."""
    with database.reading(tenant_id):
        row = database.row(
            "SELECT k.id, k.tenant_id, k.kind, k.resource_id, k.secret, k.is_whole_days_only, t.timezone"
            " FROM calendar_connection k JOIN tenant t ON t.id = k.tenant_id"
            " WHERE k.tenant_id = %s AND k.id = %s AND k.ended_at IS NULL",
            tenant_id,
            connection_id,
        )
    if row is None:
        return
    try:
        busy = _read_google(row, at) if row.kind == "google" else _read_address(row, at, rules)
    except (GoogleError, Refused) as error:
        if not recording.is_overtaken(tenant_id, connection_id, at):
            recording.failure(tenant_id, connection_id, error.reason, at)
        return
    if recording.is_overtaken(tenant_id, connection_id, at):
        return
    outside.replace(tenant_id, connection_id=connection_id, resource_id=row.resource_id, days=busy.days)
    recording.reading(tenant_id, connection_id, busy, at)


def _read_address(row: database.Row, at: datetime, rules: Rules) -> Busy:
    today = time.today(row.timezone, at)
    return reading.read(
        fetching.fetch(opening.address(row.tenant_id, row.id, row.secret), rules),
        timezone=row.timezone,
        first_on=today,
        last_on=furthest_on(today) + _AFTER,
        is_whole_days_only=row.is_whole_days_only,
    )


def _read_google(row: database.Row, at: datetime) -> Busy:
    """Also finds out whether bookings can be entered where they should be; its owner is told even if there are none."""
    today = time.today(row.timezone, at)
    try:
        found = google_reading.read(
            opening.calendar(row.tenant_id, row.id),
            partial(_ours, row.tenant_id, row.id),
            timezone=row.timezone,
            first_on=today,
            last_on=furthest_on(today) + _AFTER,
            is_whole_days_only=row.is_whole_days_only,
        )
    except GoogleError as error:
        if error.is_final:
            trouble.refuse(row.tenant_id, row.id, reason=error.reason, at=at)
        raise
    with database.reading(row.tenant_id):
        has_to_write = events.may_hold_any(row.tenant_id, row.id)
    if found.may_write or not has_to_write:
        trouble.recover(row.tenant_id, row.id)
    else:
        trouble.refuse(row.tenant_id, row.id, reason=errors.READ_ONLY, at=at)
    recording.may_write(row.tenant_id, row.id, may_write=found.may_write)
    return found.busy


def _ours(tenant_id: UUID, connection_id: UUID) -> set[tuple[date, date]]:
    with database.reading(tenant_id):
        return events.days_entered(tenant_id, connection_id)
