"""Reads of waiting lists: one entry for its page and its mails, a queue for the owner, and what is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from portal.availability.rules import span
from portal.availability.states import ClaimKind
from portal.availability.waitlist_states import WaitStatus
from portal.db import database
from portal.tenants import queries as tenants

_AT_ONCE = 200
_OPEN = [WaitStatus.WAITING, WaitStatus.OFFERED]
_LAST = "e.event_on + (e.days + e.buffer_days - 1)"
_ITS_CLAIMS = (
    f"c.tenant_id = e.tenant_id AND c.resource_id = e.resource_id AND c.claimed_on BETWEEN e.event_on AND {_LAST}"
)
# A claim of somebody who keeps the date by courtesy and was not asked to decide yet.
_ASKABLE = (
    "SELECT 1 FROM booking b WHERE b.tenant_id = c.tenant_id AND b.id = c.booking_id AND b.status = 'held'"
    " AND b.is_courtesy"
)

_OUTSIDE = (
    "SELECT 1 FROM external_busy x WHERE x.tenant_id = e.tenant_id AND x.resource_id = e.resource_id"
    f" AND x.busy_on BETWEEN e.event_on AND {_LAST}"
)


class Due(NamedTuple):
    """An entry with which something is to be done."""

    tenant_id: UUID
    entry_id: UUID
    timezone: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as its page, its mails and the owner show it."""

    id: UUID
    status: WaitStatus
    event_on: date
    days: int
    buffer_days: int
    name: str
    email: str
    created_at: datetime
    offer_ends_at: datetime | None
    package_name: str
    package_slug: str
    is_sold: bool  # the package still is
    reference: str | None  # of the booking it became
    ahead: int  # who waits for one of its days and came earlier
    courtesy_until: datetime | None  # until when a courtesy hold keeps its date, if that is all that does

    @property
    def all_days(self) -> tuple[date, ...]:
        """Every day that it asks for."""
        return span(self.event_on, self.days, self.buffer_days).all_days

    @property
    def place(self) -> int:
        """The place in the queue, from 1."""
        return self.ahead + 1


class Standing(NamedTuple):
    """What stands between a couple and a date: its claims, and until when courtesy keeps it if only that does."""

    claimed: dict[date, ClaimKind]
    courtesy_until: datetime | None
    is_challenged: bool


_VIEW = (
    "SELECT e.id, e.status, e.event_on, e.days, e.buffer_days, e.name, e.email, e.created_at, e.offer_ends_at,"
    " p.name AS package_name, p.slug AS package_slug, p.is_active AS is_sold, b.reference,"
    " CASE WHEN e.status = 'waiting' THEN (SELECT count(*) FROM waitlist_entry o WHERE o.tenant_id = e.tenant_id"
    "   AND o.resource_id = e.resource_id AND o.status = 'waiting' AND (o.created_at, o.id) < (e.created_at, e.id)"
    f"   AND o.event_on <= {_LAST} AND o.event_on + (o.days + o.buffer_days - 1) >= e.event_on) ELSE 0 END AS ahead,"
    " CASE WHEN e.status = 'waiting' THEN (SELECT CASE WHEN bool_and(h.is_courtesy AND h.status = 'held')"
    "   THEN max(h.hold_expires_at) END FROM date_claim c"
    "   LEFT JOIN booking h ON h.tenant_id = c.tenant_id AND h.id = c.booking_id"
    f"   WHERE {_ITS_CLAIMS}) END AS courtesy_until"
    " FROM waitlist_entry e JOIN package p ON p.tenant_id = e.tenant_id AND p.id = e.package_id"
    " LEFT JOIN booking b ON b.tenant_id = e.tenant_id AND b.id = e.booking_id"
)


def by_link(tenant_id: UUID, entry_id: UUID, token_ids: Collection[UUID], *, at: datetime) -> EntryView | None:
    """An entry that one of a browser's links opens now."""
    if not token_ids:
        return None
    row = database.row(
        f"{_VIEW} WHERE e.tenant_id = %s AND e.id = %s AND EXISTS (SELECT 1 FROM waitlist_token k"
        " WHERE k.tenant_id = e.tenant_id AND k.entry_id = e.id AND k.id = ANY (%s) AND k.expires_at > %s)",
        tenant_id,
        entry_id,
        list(token_ids),
        at,
    )
    return None if row is None else _view(row)


def by_id(tenant_id: UUID, entry_id: UUID) -> EntryView | None:
    """An entry, for a mail."""
    row = database.row(f"{_VIEW} WHERE e.tenant_id = %s AND e.id = %s", tenant_id, entry_id)
    return None if row is None else _view(row)


def offered_by_links(
    tenant_id: UUID, token_ids: Collection[UUID], *, package_id: UUID, event_on: date, at: datetime
) -> EntryView | None:
    """The offer of a date that one of a browser's links can use now."""
    if not token_ids:
        return None
    row = database.row(
        f"{_VIEW} WHERE e.tenant_id = %s AND e.package_id = %s AND e.event_on = %s AND e.status = 'offered'"
        " AND e.offer_ends_at > %s AND EXISTS (SELECT 1 FROM waitlist_token k WHERE k.tenant_id = e.tenant_id"
        " AND k.entry_id = e.id AND k.id = ANY (%s) AND k.expires_at > %s) ORDER BY e.created_at, e.id LIMIT 1",
        tenant_id,
        package_id,
        event_on,
        at,
        list(token_ids),
        at,
    )
    return None if row is None else _view(row)


def in_range(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> list[EntryView]:
    """Who waits for, or is offered, a date of a range, by date and then in turn."""
    found = database.rows(
        f"{_VIEW} WHERE e.tenant_id = %s AND e.resource_id = %s AND e.event_on BETWEEN %s AND %s"
        " AND e.status IN ('waiting', 'offered') ORDER BY e.event_on, e.status, e.created_at, e.id LIMIT 300",
        tenant_id,
        resource_id,
        first_on,
        last_on,
    )
    return [_view(row) for row in found]


def standing(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> Standing:
    """What a range of days is taken by, without a word of whom."""
    found = database.rows(
        "SELECT c.claimed_on, c.kind, h.hold_expires_at, h.challenged_at,"
        " coalesce(h.is_courtesy AND h.status = 'held', false) AS is_courtesy"
        " FROM date_claim c LEFT JOIN booking h ON h.tenant_id = c.tenant_id AND h.id = c.booking_id"
        " WHERE c.tenant_id = %s AND c.resource_id = %s AND c.claimed_on BETWEEN %s AND %s"
        " UNION ALL SELECT x.busy_on, 'outside', NULL, NULL, false FROM external_busy x"
        " WHERE x.tenant_id = %s AND x.resource_id = %s AND x.busy_on BETWEEN %s AND %s",
        *(tenant_id, resource_id, first_on, last_on) * 2,
    )
    # What a claim says counts more than that the day is busy elsewhere, too.
    found.sort(key=lambda row: bool(row.kind != ClaimKind.OUTSIDE))
    claimed = {row.claimed_on: ClaimKind(row.kind) for row in found}
    if not found or not all(row.is_courtesy for row in found):
        return Standing(claimed, None, is_challenged=False)
    until = max(row.hold_expires_at for row in found)
    return Standing(claimed, until, is_challenged=all(row.challenged_at for row in found))


def courtesy_in_the_way(tenant_id: UUID, entry_id: UUID) -> list[UUID]:
    """The courtesy holds that keep a waiting entry's days, if nothing else does."""
    found = database.rows(
        f"SELECT DISTINCT c.booking_id, coalesce(EXISTS ({_ASKABLE}), false) AS is_askable"
        f" FROM waitlist_entry e JOIN date_claim c ON {_ITS_CLAIMS}"
        f" WHERE e.tenant_id = %s AND e.id = %s AND e.status = 'waiting' AND NOT EXISTS ({_OUTSIDE})",
        tenant_id,
        entry_id,
    )
    return sorted(row.booking_id for row in found) if all(row.is_askable for row in found) else []


def waiting_on(tenant_id: UUID, resource_id: UUID, first_on: date, last_on: date) -> list[Due]:
    """Who waits for one of these days, in turn."""
    found = database.rows(
        "SELECT e.tenant_id, e.id, t.timezone FROM waitlist_entry e JOIN tenant t ON t.id = e.tenant_id AND t.is_active"
        " JOIN package p ON p.tenant_id = e.tenant_id AND p.id = e.package_id AND p.is_active"
        " WHERE e.tenant_id = %s AND e.resource_id = %s AND e.status = 'waiting' AND e.event_on <= %s"
        f" AND {_LAST} >= %s ORDER BY e.created_at, e.id",
        tenant_id,
        resource_id,
        last_on,
        first_on,
    )
    return [Due(*row) for row in found]


def free(at: datetime) -> list[Due]:
    """Of all tenants: who waits for a date that is free, in turn."""
    return _due(
        "JOIN package p ON p.tenant_id = e.tenant_id AND p.id = e.package_id AND p.is_active"
        " WHERE t.is_active AND e.status = 'waiting' AND e.event_on > local.today"
        f" AND NOT EXISTS (SELECT 1 FROM date_claim c WHERE {_ITS_CLAIMS}) AND NOT EXISTS ({_OUTSIDE})"
        " ORDER BY e.created_at, e.id",
        at,
    )


def ended(at: datetime) -> list[Due]:
    """Of all tenants: offers that ran out, and who waits for a date that has come."""
    return _due(
        "WHERE (e.status = 'offered' AND e.offer_ends_at <= %s)"
        " OR (e.status = 'waiting' AND e.event_on <= local.today) ORDER BY e.offer_ends_at, e.id",
        at,
        at,
    )


def blocked_by_courtesy(at: datetime) -> list[Due]:
    """Of all tenants: who waits for a date that only courtesy keeps, whose couple was not asked to decide yet."""
    return _due(
        f"WHERE t.is_active AND e.status = 'waiting' AND e.event_on > local.today AND NOT EXISTS ({_OUTSIDE})"
        f" AND EXISTS (SELECT 1 FROM date_claim c WHERE {_ITS_CLAIMS}"
        f"   AND EXISTS ({_ASKABLE} AND b.challenged_at IS NULL))"
        f" AND NOT EXISTS (SELECT 1 FROM date_claim c WHERE {_ITS_CLAIMS} AND NOT EXISTS ({_ASKABLE}))"
        " ORDER BY e.created_at, e.id",
        at,
    )


def _due(rest: str, at: datetime, *params: object) -> list[Due]:
    found = database.rows(
        "SELECT e.tenant_id, e.id, t.timezone FROM waitlist_entry e JOIN tenant t ON t.id = e.tenant_id"
        " JOIN unnest(%s::text[], %s::date[]) AS local (timezone, today) ON local.timezone = t.timezone"
        f" {rest} LIMIT {_AT_ONCE}",
        *tenants.todays(at),
        *params,
    )
    return [Due(*row) for row in found]


def _view(row: database.Row) -> EntryView:
    return EntryView(**{**row._asdict(), "status": WaitStatus(row.status)})
