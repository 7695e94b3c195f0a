"""Writes what a booking makes of an offer: it takes the days over, and gives them back when it is not paid in time.

Law: an offer that lasts is lost by nobody's accident. Its days change hands within one transaction, without a moment
in which somebody else could have them; the entry's row is locked before its days are.
"""

from datetime import date, datetime
from uuid import UUID

from portal.availability import service, waitlist
from portal.availability.waitlist_states import WaitStatus
from portal.db import database


def offered_to(
    tenant_id: UUID,
    token_ids: tuple[UUID, ...],
    *,
    booking_id: UUID | None,
    package_id: UUID,
    event_on: date,
    at: datetime,
) -> UUID | None:
    """The offer of this date, with this package, that a browser's links or the booking itself can use; locked."""
    found: UUID | None = database.value(
        "SELECT e.id FROM waitlist_entry e WHERE e.tenant_id = %s AND e.package_id = %s AND e.event_on = %s"
        " AND ((e.status = 'taken' AND e.booking_id = %s) OR (e.status = 'offered' AND e.offer_ends_at > %s"
        "   AND EXISTS (SELECT 1 FROM waitlist_token k WHERE k.tenant_id = e.tenant_id AND k.entry_id = e.id"
        "     AND k.id = ANY (%s) AND k.expires_at > %s)))"
        " ORDER BY e.status DESC, e.created_at, e.id LIMIT 1 FOR UPDATE",
        tenant_id,
        package_id,
        event_on,
        booking_id,
        at,
        list(token_ids),
        at,
    )
    return found


def take(tenant_id: UUID, entry_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """The days of an offer, whose row is locked, have become a booking's."""
    database.execute(
        "UPDATE waitlist_entry SET status = 'taken', booking_id = %s, ended_at = %s WHERE tenant_id = %s AND id = %s"
        " AND status IN ('offered', 'taken')",
        booking_id,
        at,
        tenant_id,
        entry_id,
    )


def leave_by(tenant_id: UUID, booking_id: UUID, *, but: UUID | None) -> None:
    """A booking was changed to something else than the offer it came from: that is given up."""
    database.execute(
        "UPDATE waitlist_entry SET status = 'left' WHERE tenant_id = %s AND booking_id = %s AND status = 'taken'"
        " AND id IS DISTINCT FROM %s",
        tenant_id,
        booking_id,
        but,
    )


def give_back(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> UUID | None:
    """A hold ran out unpaid: the days go back to the offer they came from, while it lasts. Before they are freed.

    Without a gap in which somebody else could take them. Returns the entry whose offer is over now.
    """
    row = database.row(
        "SELECT id FROM waitlist_entry WHERE tenant_id = %s AND booking_id = %s AND status = 'taken'"
        " ORDER BY created_at LIMIT 1 FOR UPDATE",
        tenant_id,
        booking_id,
    )
    entry = row and waitlist.lock(tenant_id, row.id)
    if entry is None:
        return None
    has_time = entry.offer_ends_at is not None and at < entry.offer_ends_at
    if (
        has_time
        and _is_alone(tenant_id, entry.id)
        and service.return_to_waitlist(
            tenant_id, booking_id=booking_id, waitlist_id=entry.id, resource_id=entry.resource_id, days=entry.all_days
        )
    ):
        database.execute(
            "UPDATE waitlist_entry SET status = 'offered', ended_at = NULL WHERE tenant_id = %s AND id = %s",
            tenant_id,
            entry.id,
        )
        return None
    waitlist.set_status(tenant_id, entry.id, WaitStatus.LAPSED, at)
    return entry.id


def returned_by(tenant_id: UUID, booking_id: UUID) -> UUID | None:
    """The offer that a booking's days went back to, locked: a payment that comes late may still use it."""
    found: UUID | None = database.value(
        "SELECT id FROM waitlist_entry WHERE tenant_id = %s AND booking_id = %s AND status = 'offered' LIMIT 1"
        " FOR UPDATE",
        tenant_id,
        booking_id,
    )
    return found


def kept_until(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> datetime | None:
    """Until when the days of a booking that holds them no more are kept for its couple all the same: by an offer."""
    found: datetime | None = database.value(
        "SELECT max(offer_ends_at) FROM waitlist_entry WHERE tenant_id = %s AND booking_id = %s"
        " AND status = 'offered' AND offer_ends_at > %s",
        tenant_id,
        booking_id,
        at,
    )
    return found


def _is_alone(tenant_id: UUID, entry_id: UUID) -> bool:
    """Whether the same person has not joined the queue once more meanwhile."""
    return not database.value(
        "SELECT 1 FROM waitlist_entry e JOIN waitlist_entry o ON o.tenant_id = e.tenant_id AND o.id <> e.id"
        " AND o.resource_id = e.resource_id AND o.event_on = e.event_on AND lower(o.email) = lower(e.email)"
        " AND o.status IN ('waiting', 'offered') WHERE e.tenant_id = %s AND e.id = %s",
        tenant_id,
        entry_id,
    )
