"""Bookings whose last day has passed become completed. A day has passed when it is over at the tenant's place."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import service
from portal.bookings.states import Actor, BookingStatus
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Stale
from portal.tenants import queries as tenants

log = logging.getLogger("aisle.lifecycle")
_BATCH = 500


def complete_past(at: datetime) -> int:
    """Complete what is over; how many bookings that were. Run again at any time it finds nothing new."""
    done = 0
    while found := _due(at):
        moved = sum(_complete(row.tenant_id, row.id, at) for row in found)
        done += moved
        if len(found) < _BATCH or not moved:
            break
    return done


def _due(at: datetime) -> list[database.Row]:
    # The condition on the date alone is for the index: no clock on earth is a day ahead of UTC's date by more than one.
    with database.reading(), platform_scope(reason="past bookings of all tenants"):
        return database.rows(
            "SELECT b.tenant_id, b.id FROM booking b JOIN tenant t ON t.id = b.tenant_id"
            " JOIN unnest(%s::text[], %s::date[]) AS local (timezone, today) ON local.timezone = t.timezone"
            " WHERE b.status = 'confirmed' AND b.event_on <= %s AND b.event_on + b.days <= local.today"
            " ORDER BY b.event_on LIMIT %s",
            *tenants.todays(at),
            at.date() + timedelta(days=1),
            _BATCH,
        )


def _complete(tenant_id: UUID, booking_id: UUID, at: datetime) -> int:
    try:
        service.transition(
            tenant_id,
            booking_id,
            frm=BookingStatus.CONFIRMED,
            to=BookingStatus.COMPLETED,
            at=at,
            actor=Actor.SYSTEM,
            kind="completed",
        )
    except Stale:  # cancelled, or completed by another worker, since it was found
        return 0
    except Exception:  # one booking's trouble must not keep the others
        log.exception("booking %s stays confirmed", booking_id)
        return 0
    return 1
