"""A calendar at Google is removed: first its events are taken out, then it goes, and with it the key.

Bookings stay as they are. While Google does not let us in, the connection stays visible with the reason, until its
owner says that the events may stay.
"""

from datetime import datetime
from uuid import UUID

from portal.availability import outside
from portal.calendars import events, opening, syncing, trouble
from portal.calendars.errors import GoogleError
from portal.db import database, outbox
from portal.kernel.errors import Busy, NotFound
from portal.kernel.text import N_

_GONE = N_("This calendar is not connected any more.")
_AT_IT = N_("Somebody else is changing this right now. Please try again.")


def end(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """From now on nothing is written there, and a worker takes out what was. Raises NotFound."""
    with database.writing(tenant_id):
        resource_id = database.value(
            "UPDATE calendar_connection SET ended_at = coalesce(ended_at, %s)"
            " WHERE tenant_id = %s AND id = %s AND kind = 'google' RETURNING resource_id",
            at,
            tenant_id,
            connection_id,
        )
        if resource_id is None:
            raise NotFound(_GONE)
        outside.forget(tenant_id, connection_id=connection_id, resource_id=resource_id)
        outbox.owe("calendar.clear", connection_id)


def leave(tenant_id: UUID, connection_id: UUID) -> None:
    """Its owner takes the events out by hand, or keeps them: forget the connection now. Raises NotFound."""
    with database.writing(tenant_id):
        if not _delete(tenant_id, connection_id):
            raise NotFound(_GONE)


def clear(tenant_id: UUID, connection_id: UUID, *, at: datetime) -> None:
    """Take our events out of a calendar that is being removed. Raises Busy or GoogleError to be tried later."""
    with database.writing(tenant_id):
        if not _is_ending(tenant_id, connection_id):
            return
        _wait_for_others(tenant_id, connection_id)
        if not events.may_hold_any(tenant_id, connection_id):
            _delete(tenant_id, connection_id)
            return
        known = _known(tenant_id, connection_id)
    try:
        calendar = opening.calendar(tenant_id, connection_id)
        found = {each.id for each in calendar.ours(events.mark(connection_id))}
        for event_id in sorted(known | {each for each in found if events.booking_of(connection_id, each)}):
            calendar.delete_event(event_id)
    except GoogleError as error:
        if not error.is_final:
            raise
        trouble.refuse(tenant_id, connection_id, reason=error.reason, at=at)
        return
    _forget(tenant_id, connection_id, at)


def _forget(tenant_id: UUID, connection_id: UUID, at: datetime) -> None:
    """It is empty; unless a call that got no answer may still arrive there."""
    with database.writing(tenant_id):
        _wait_for_others(tenant_id, connection_id)
        unsure_at = database.value(
            "SELECT max(unsure_at) FROM calendar_event WHERE tenant_id = %s AND connection_id = %s",
            tenant_id,
            connection_id,
        )
        if unsure_at and unsure_at + syncing.SETTLED > at:
            outbox.owe("calendar.clear", connection_id, due_at=unsure_at + syncing.SETTLED)
            return
        if _is_ending(tenant_id, connection_id):
            _delete(tenant_id, connection_id)


def _delete(tenant_id: UUID, connection_id: UUID) -> bool:
    """With the days that a reading which was under way may still have blocked."""
    resource_id = database.value(
        "SELECT resource_id FROM calendar_connection WHERE tenant_id = %s AND id = %s AND ended_at IS NOT NULL"
        " FOR UPDATE",
        tenant_id,
        connection_id,
    )
    if resource_id is None:
        return False
    outside.forget(tenant_id, connection_id=connection_id, resource_id=resource_id)
    database.execute("DELETE FROM calendar_connection WHERE tenant_id = %s AND id = %s", tenant_id, connection_id)
    return True


def _wait_for_others(tenant_id: UUID, connection_id: UUID) -> None:
    """Somebody may just be putting an event there."""
    if database.value(
        "SELECT 1 FROM calendar_event WHERE tenant_id = %s AND connection_id = %s"
        " AND leased_until > clock_timestamp() LIMIT 1",
        tenant_id,
        connection_id,
    ):
        raise Busy(_AT_IT)


def _known(tenant_id: UUID, connection_id: UUID) -> set[str]:
    """Events that may be there although no list shows them yet."""
    return {
        events.event_id(connection_id, row.booking_id)
        for row in database.rows(
            "SELECT booking_id FROM calendar_event WHERE tenant_id = %s AND connection_id = %s"
            " AND told IS DISTINCT FROM ''",
            tenant_id,
            connection_id,
        )
    }


def _is_ending(tenant_id: UUID, connection_id: UUID) -> bool:
    """Whether it is to go. One that was connected anew meanwhile may miss what was taken out of it."""
    row = database.row(
        "SELECT ended_at FROM calendar_connection WHERE tenant_id = %s AND id = %s", tenant_id, connection_id
    )
    if row is not None and row.ended_at is None:
        outbox.owe("calendar.compare", connection_id)
    return row is not None and row.ended_at is not None
