"""Writes waiting lists: joining, offering freed days in turn, the end of an entry. What bookings do: ``waitlist_use``.

Law: nothing is offered that is not kept. An entry is ``offered`` exactly while the days of its whole span are claimed
for it; the row is locked before its days are, by everybody, so that none can wait for another in a circle.
Each function runs inside its caller's transaction, which also owes the mail.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.availability import service
from portal.availability.models import WaitlistEntry
from portal.availability.rules import span
from portal.availability.waitlist_rules import MOST_WAITING, offer_ends_at
from portal.availability.waitlist_states import WaitStatus
from portal.db import database
from portal.db.insert import insert
from portal.kernel.errors import Conflict, DateTaken
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.kernel.time import today

_QUEUE = "hashtextextended('queue/' || %s || '/' || %s || '/' || %s, 0)"
_OPEN = (WaitStatus.WAITING, WaitStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class Asked:
    """A date that somebody asks for, as the package takes it, and whom to write to."""

    resource_id: UUID
    package_id: UUID
    event_on: date
    days: int
    buffer_days: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry whose row is locked."""

    id: UUID
    status: WaitStatus
    resource_id: UUID
    event_on: date
    days: int
    buffer_days: int
    offer_ends_at: datetime | None

    @property
    def all_days(self) -> tuple[date, ...]:
        """What an offer has to keep."""
        return span(self.event_on, self.days, self.buffer_days).all_days


def join(tenant_id: UUID, asked: Asked, *, at: datetime) -> UUID:
    """Put somebody at the end of a queue; who is in it keeps the place. Raises Conflict when it is full."""
    key = (tenant_id, asked.resource_id, asked.event_on)
    # Two who come at once are counted one after the other.
    database.execute(f"SELECT pg_advisory_xact_lock({_QUEUE})", *key)
    own, waiting = _queue(*key, asked.email)
    if own is not None:
        return own
    if waiting >= MOST_WAITING:
        raise Conflict(N_("So many couples wait for %(day)s already that the list is full."), day=asked.event_on)
    row = {name: getattr(asked, name) for name in Asked.__slots__}
    entry_id = uuid7()
    insert(
        WaitlistEntry, {"id": entry_id, "tenant_id": tenant_id, "status": WaitStatus.WAITING, "created_at": at, **row}
    )
    return entry_id


class NotItsTurn(Exception):
    """A signal between two steps, never shown: somebody who asked earlier can have one of the days by now."""


def offer(tenant_id: UUID, entry_id: UUID, *, timezone: str, at: datetime) -> bool:
    """Keep the whole span of a waiting entry, if all of it is free; whether it is now offered. Raises NotItsTurn."""
    entry = lock(tenant_id, entry_id)
    if entry is None or entry.status is not WaitStatus.WAITING:
        return False
    ends_at = offer_ends_at(at, entry.event_on, timezone)
    if ends_at <= at:
        return False
    try:
        with database.savepoint():
            service.claim_for_waitlist(
                tenant_id, resource_id=entry.resource_id, waitlist_id=entry.id, days=entry.all_days
            )
    except DateTaken:
        return False
    if _is_passed_over(tenant_id, entry, timezone, at):
        raise NotItsTurn
    database.execute(
        "UPDATE waitlist_entry SET status = 'offered', offered_at = %s, offer_ends_at = %s"
        " WHERE tenant_id = %s AND id = %s",
        at,
        ends_at,
        tenant_id,
        entry_id,
    )
    return True


def renew(tenant_id: UUID, entry_id: UUID, *, timezone: str, at: datetime) -> datetime | None:
    """Count the time of an offer from now on; until when it lasts, or None when it has ended."""
    entry = lock(tenant_id, entry_id)
    if entry is None or entry.status is not WaitStatus.OFFERED or entry.offer_ends_at is None:
        return None
    ends_at = max(entry.offer_ends_at, offer_ends_at(at, entry.event_on, timezone))
    database.execute(
        "UPDATE waitlist_entry SET offer_ends_at = %s WHERE tenant_id = %s AND id = %s", ends_at, tenant_id, entry_id
    )
    return ends_at


def end(tenant_id: UUID, entry_id: UUID, *, to: WaitStatus, at: datetime) -> WaitStatus | None:
    """End an entry that waits or is offered, and free what is kept for it; what it was, or None when it has ended."""
    entry = lock(tenant_id, entry_id)
    if entry is None or entry.status not in _OPEN:
        return None
    is_early = entry.offer_ends_at is not None and at < entry.offer_ends_at
    if to is WaitStatus.LAPSED and entry.status is WaitStatus.OFFERED and is_early:
        return None
    service.release_waitlist(tenant_id, waitlist_id=entry_id)
    set_status(tenant_id, entry_id, to, at)
    return entry.status


def lock(tenant_id: UUID, entry_id: UUID) -> Entry | None:
    """An entry, kept from other writers until the transaction ends."""
    row = database.row(
        "SELECT id, status, resource_id, event_on, days, buffer_days, offer_ends_at FROM waitlist_entry"
        " WHERE tenant_id = %s AND id = %s FOR UPDATE",
        tenant_id,
        entry_id,
    )
    return None if row is None else Entry(**{**row._asdict(), "status": WaitStatus(row.status)})


def set_status(tenant_id: UUID, entry_id: UUID, status: WaitStatus, at: datetime) -> None:
    """End an entry whose row is locked."""
    database.execute(
        "UPDATE waitlist_entry SET status = %s, ended_at = %s WHERE tenant_id = %s AND id = %s",
        status,
        at,
        tenant_id,
        entry_id,
    )


def _queue(tenant_id: UUID, resource_id: UUID, event_on: date, email: str) -> tuple[UUID | None, int]:
    found = database.rows(
        "SELECT id, lower(email) = lower(%s) AS is_own FROM waitlist_entry WHERE tenant_id = %s AND resource_id = %s"
        " AND event_on = %s AND status IN ('waiting', 'offered')",
        email,
        tenant_id,
        resource_id,
        event_on,
    )
    return next((row.id for row in found if row.is_own), None), len(found)


def _is_passed_over(tenant_id: UUID, entry: Entry, timezone: str, at: datetime) -> bool:
    """Whether a day that was taken when an earlier entry was tried has become free since.

    Asked once the days of this entry are locked and claimed for it: they count as free here.
    """
    return bool(
        database.value(
            "SELECT 1 FROM waitlist_entry e JOIN waitlist_entry o ON o.tenant_id = e.tenant_id"
            " AND o.resource_id = e.resource_id AND o.status = 'waiting'"
            " AND (o.created_at, o.id) < (e.created_at, e.id)"
            " AND o.event_on <= e.event_on + (e.days + e.buffer_days - 1)"
            " AND o.event_on + (o.days + o.buffer_days - 1) >= e.event_on AND o.event_on > %s"
            " JOIN package p ON p.tenant_id = o.tenant_id AND p.id = o.package_id AND p.is_active"
            " WHERE e.tenant_id = %s AND e.id = %s AND NOT EXISTS (SELECT 1 FROM date_claim c"
            "   WHERE c.tenant_id = o.tenant_id AND c.resource_id = o.resource_id"
            "   AND c.claimed_on BETWEEN o.event_on AND o.event_on + (o.days + o.buffer_days - 1)"
            "   AND c.waitlist_id IS DISTINCT FROM e.id) AND NOT EXISTS (SELECT 1 FROM external_busy x"
            "   WHERE x.tenant_id = o.tenant_id AND x.resource_id = o.resource_id"
            "   AND x.busy_on BETWEEN o.event_on AND o.event_on + (o.days + o.buffer_days - 1)) LIMIT 1",
            today(timezone, at),
            tenant_id,
            entry.id,
        )
    )
