"""Rows of ``date_claim``: reading who owns a day, inserting, changing, freeing. No decision is taken here.

Used by ``service`` alone, inside its transaction and after the days were locked.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from portal.availability import waitlist_bell
from portal.availability.states import ClaimKind
from portal.db import database
from portal.kernel.ids import uuid7


class Place(NamedTuple):
    """A day of a resource."""

    resource_id: UUID
    day: date


class Claim(NamedTuple):
    """A claim as it stands."""

    id: UUID
    kind: str
    quote_id: UUID | None = None
    waitlist_id: UUID | None = None


class Owner(NamedTuple):
    """Whose a claim is: a booking's, perhaps only while a change of it is paid for, or a waiting couple's."""

    booking_id: UUID | None = None
    quote_id: UUID | None = None
    waitlist_id: UUID | None = None


def standing(
    tenant_id: UUID, places: Iterable[Place], *, booking_id: UUID | None = None, waitlist_id: UUID | None = None
) -> tuple[dict[Place, Claim], set[date]]:
    """The claims of the booking or waiting couple, wherever they are, and the days of ``places`` that are others'."""
    wanted = list(places)
    found = database.rows(
        "SELECT id, resource_id, claimed_on, kind, quote_id, waitlist_id,"
        " coalesce(booking_id = %s OR waitlist_id = %s, false) AS is_own"
        " FROM date_claim WHERE tenant_id = %s AND (booking_id = %s OR waitlist_id = %s"
        " OR (resource_id, claimed_on) IN (SELECT * FROM unnest(%s::uuid[], %s::date[])))",
        booking_id,
        waitlist_id,
        tenant_id,
        booking_id,
        waitlist_id,
        [place.resource_id for place in wanted],
        [place.day for place in wanted],
    )
    owned, foreign = {}, set()
    for row in found:
        if row.is_own:
            owned[Place(row.resource_id, row.claimed_on)] = Claim(row.id, row.kind, row.quote_id, row.waitlist_id)
        else:
            foreign.add(row.claimed_on)
    return owned, foreign


def insert(tenant_id: UUID, kinds: Mapping[Place, ClaimKind], owner: Owner) -> None:
    """Claim days; an IntegrityError names ``date_claim_once`` when one is taken."""
    if kinds:
        database.execute(
            "INSERT INTO date_claim (id, tenant_id, resource_id, claimed_on, kind, booking_id, quote_id, waitlist_id)"
            " SELECT id, %s, resource_id, claimed_on, kind, %s, %s, %s"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::text[]) AS new (id, resource_id, claimed_on, kind)",
            tenant_id,
            *owner,
            [uuid7() for _ in kinds],
            [place.resource_id for place in kinds],
            [place.day for place in kinds],
            [kind.value for kind in kinds.values()],
        )


def hand_over(tenant_id: UUID, kept: Iterable[Claim], *, booking_id: UUID) -> None:
    """Claims that a change or a waiting couple had become plainly the booking's."""
    lent = [claim.id for claim in kept if claim.quote_id or claim.waitlist_id]
    if lent:
        database.execute(
            "UPDATE date_claim SET booking_id = %s, quote_id = NULL, waitlist_id = NULL"
            " WHERE tenant_id = %s AND id = ANY(%s)",
            booking_id,
            tenant_id,
            lent,
        )


def give_to_waiting(tenant_id: UUID, given: Iterable[Claim], *, waitlist_id: UUID) -> None:
    """Claims of a booking become days that are kept for a waiting couple."""
    database.execute(
        "UPDATE date_claim SET booking_id = NULL, quote_id = NULL, waitlist_id = %s, kind = 'hold'"
        " WHERE tenant_id = %s AND id = ANY(%s)",
        waitlist_id,
        tenant_id,
        [claim.id for claim in given],
    )


def change_kinds(tenant_id: UUID, kinds: Mapping[Claim, ClaimKind]) -> None:
    """Give claims that stay their new kind."""
    changed = {claim.id: kind for claim, kind in kinds.items() if claim.kind != kind}
    if changed:
        database.execute(
            "UPDATE date_claim SET kind = new.kind FROM unnest(%s::uuid[], %s::text[]) AS new (id, kind)"
            " WHERE date_claim.tenant_id = %s AND date_claim.id = new.id",
            list(changed),
            [kind.value for kind in changed.values()],
            tenant_id,
        )


def free(tenant_id: UUID, freed: Mapping[UUID, Place]) -> None:
    """Delete claims; days that a blackout covers become its own."""
    if freed:
        database.execute("DELETE FROM date_claim WHERE tenant_id = %s AND id = ANY(%s)", tenant_id, list(freed))
        hand_to_blackouts(tenant_id, freed.values())
        waitlist_bell.ring(tenant_id, freed.values())


def hand_to_blackouts(tenant_id: UUID, places: Collection[Place]) -> None:
    """Claim freed days for the oldest blackout that covers them."""
    covering = database.rows(
        "SELECT DISTINCT ON (place.resource_id, place.day) b.id, place.resource_id, place.day"
        " FROM unnest(%s::uuid[], %s::date[]) AS place (resource_id, day) JOIN blackout_date b ON b.tenant_id = %s"
        " AND b.resource_id = place.resource_id AND place.day BETWEEN b.first_on AND b.last_on"
        " ORDER BY place.resource_id, place.day, b.created_at, b.id",
        [place.resource_id for place in places],
        [place.day for place in places],
        tenant_id,
    )
    for row in covering:
        cover(tenant_id, row.id, [Place(row.resource_id, row.day)])


def cover(tenant_id: UUID, blackout_id: UUID, places: Collection[Place]) -> set[Place]:
    """Claim days for a blackout; those that turn out to be taken are left to their owner and returned."""
    done = database.rows(
        "INSERT INTO date_claim (id, tenant_id, resource_id, claimed_on, kind, blackout_id)"
        " SELECT id, %s, resource_id, claimed_on, 'blackout', %s"
        " FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS new (id, resource_id, claimed_on)"
        " ON CONFLICT DO NOTHING RETURNING resource_id, claimed_on",
        tenant_id,
        blackout_id,
        [uuid7() for _ in places],
        [place.resource_id for place in places],
        [place.day for place in places],
    )
    return set(places) - {Place(row.resource_id, row.claimed_on) for row in done}


def kept_for(tenant_id: UUID, *, quote_id: UUID | None = None, waitlist_id: UUID | None = None) -> dict[UUID, Place]:
    """The days that are kept for a change that is being paid for, or for a waiting couple."""
    found = database.rows(
        "SELECT id, resource_id, claimed_on FROM date_claim"
        " WHERE tenant_id = %s AND (quote_id = %s OR waitlist_id = %s)",
        tenant_id,
        quote_id,
        waitlist_id,
    )
    return {row.id: Place(row.resource_id, row.claimed_on) for row in found}


def of_blackout(tenant_id: UUID, blackout_id: UUID) -> list[Place]:
    """The days that a blackout has taken."""
    found = database.rows(
        "SELECT resource_id, claimed_on FROM date_claim WHERE tenant_id = %s AND blackout_id = %s",
        tenant_id,
        blackout_id,
    )
    return [Place(row.resource_id, row.claimed_on) for row in found]
