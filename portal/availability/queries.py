"""Reads of free and taken days: one statement each; what a day means to a package is computed in ``month``."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from portal.availability import month as months
from portal.availability.month import MonthView, Rules
from portal.availability.rules import furthest_on as furthest
from portal.availability.states import ClaimKind
from portal.db import database

_KINDS = {kind.value: kind for kind in ClaimKind}
# Busy elsewhere. A day that is claimed is its claimant's business: whoever owns it keeps it all the same.
_OUTSIDE = (
    "SELECT e.busy_on FROM external_busy e WHERE e.tenant_id = %s AND e.resource_id = %s"
    " AND e.busy_on BETWEEN %s AND %s AND NOT EXISTS (SELECT 1 FROM date_claim c WHERE c.tenant_id = e.tenant_id"
    "  AND c.resource_id = e.resource_id AND c.claimed_on = e.busy_on)"
)


@dataclass(frozen=True, slots=True)
class BlackoutView:
    """A blackout and how many of its days it has really taken."""

    id: UUID
    resource_id: UUID
    first_on: date
    last_on: date
    note: str
    days_claimed: int


def claimed(
    tenant_id: UUID, resource_id: UUID, first_on: date, last_on: date, *, booking_id: UUID | None = None
) -> dict[date, ClaimKind]:
    """The days of a resource that are taken by others than the booking, in a range, both ends included."""
    found = database.rows(
        "SELECT claimed_on, kind FROM date_claim WHERE tenant_id = %s AND resource_id = %s"
        " AND claimed_on BETWEEN %s AND %s AND (booking_id IS NULL OR booking_id IS DISTINCT FROM %s)"
        f" UNION SELECT busy_on, 'outside' FROM ({_OUTSIDE}) x ORDER BY claimed_on",
        tenant_id,
        resource_id,
        first_on,
        last_on,
        booking_id,
        tenant_id,
        resource_id,
        first_on,
        last_on,
    )
    return {day: _KINDS[kind] for day, kind in found}


def claimed_around(
    tenant_id: UUID,
    resource_id: UUID,
    month: date,
    *,
    days: int,
    buffer_days: int,
    first_weekday: int = 0,
    booking_id: UUID | None = None,
) -> dict[date, ClaimKind]:
    """The days taken by others than the booking that matter to the table of a month."""
    table = months.grid(month, first_weekday)
    last_on = table[-1] + timedelta(days=days + buffer_days)
    return claimed(tenant_id, resource_id, table[0], last_on, booking_id=booking_id)


def month(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    month: date,
    days: int,
    buffer_days: int,
    today: date,
    furthest_on: date,
    first_weekday: int = 0,
    booking_id: UUID | None = None,
) -> MonthView:
    """A month of a resource as a package of this length sees it; ``month`` is its first day.

    The days of ``booking_id`` itself count as free.
    """
    taken = claimed_around(
        tenant_id,
        resource_id,
        month,
        days=days,
        buffer_days=buffer_days,
        first_weekday=first_weekday,
        booking_id=booking_id,
    )
    rules = Rules(days, buffer_days, today, furthest_on)
    return months.month_view(month, taken, rules, first_weekday=first_weekday)


def is_free(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    event_on: date,
    days: int,
    buffer_days: int,
    booking_id: UUID | None = None,
    waitlist_id: UUID | None = None,
) -> bool:
    """Whether nobody but the booking itself, or the offer, has claimed a day that an event on this date would take."""
    last_on = event_on + timedelta(days=days + buffer_days - 1)
    return not database.value(
        "SELECT 1 FROM date_claim WHERE tenant_id = %s AND resource_id = %s AND claimed_on BETWEEN %s AND %s"
        " AND (booking_id IS NULL OR booking_id IS DISTINCT FROM %s)"
        " AND (waitlist_id IS NULL OR waitlist_id IS DISTINCT FROM %s)"
        f" UNION ALL SELECT 1 FROM ({_OUTSIDE}) x LIMIT 1",
        tenant_id,
        resource_id,
        event_on,
        last_on,
        booking_id,
        waitlist_id,
        tenant_id,
        resource_id,
        event_on,
        last_on,
    )


def nearest_free(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    around: date,
    days: int,
    buffer_days: int,
    today: date,
    count: int = 5,
    booking_id: UUID | None = None,
) -> list[date]:
    """The bookable days nearest to a date, nearest first; fewer when there are no more. Its own days count as free."""
    rules = Rules(days, buffer_days, today, furthest(today))
    last_on = rules.furthest_on + timedelta(days=days + buffer_days)
    taken = claimed(tenant_id, resource_id, today, last_on, booking_id=booking_id)
    return months.nearest(around, taken, rules, count=count)


def blackouts(tenant_id: UUID, *, resource_id: UUID, first_on: date, last_on: date) -> list[BlackoutView]:
    """The blackouts of a resource that touch a range, by their first day."""
    found = database.rows(
        "SELECT b.id, b.resource_id, b.first_on, b.last_on, b.note, count(c.id) AS days_claimed FROM blackout_date b"
        " LEFT JOIN date_claim c ON c.tenant_id = b.tenant_id AND c.blackout_id = b.id"
        " WHERE b.tenant_id = %s AND b.resource_id = %s AND b.first_on <= %s AND b.last_on >= %s"
        " GROUP BY b.id ORDER BY b.first_on, b.id LIMIT 500",
        tenant_id,
        resource_id,
        last_on,
        first_on,
    )
    return [BlackoutView(*row) for row in found]
