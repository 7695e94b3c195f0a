"""The only writer of taken days: claims of bookings, of changes and waiting couples, and blackouts.

Law: a date is sold once. ``date_claim_once`` is the truth. Before any change the days in question are locked
(``locks``), so that rivals queue instead of colliding; a violation that still happens becomes ``DateTaken``.
A day that becomes free again while a blackout covers it goes to that blackout and not back on sale.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from peewee import IntegrityError

from portal.availability import claims, locks, outside, waitlist_bell
from portal.availability.claims import Owner, Place
from portal.availability.models import BlackoutDate
from portal.availability.states import ClaimKind
from portal.db import database
from portal.kernel.errors import Conflict, DateTaken, Invalid, NotFound
from portal.kernel.text import N_, clean_line
from portal.kernel.time import days_from

LONGEST_BLACKOUT = 366  # each day is one lock, and PostgreSQL's lock table is shared by all
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class BlackoutResult:
    """A blackout that was made, and the days of its range that it could not take."""

    blackout_id: UUID
    days_taken: list[date]


def claim_days(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    booking_id: UUID,
    kinds: Mapping[date, ClaimKind],
    waitlist_id: UUID | None = None,
) -> None:
    """Make a booking own exactly these days. Raises DateTaken, with ``day``, when one is somebody else's.

    The caller has locked the booking's row or has just inserted it. What the booking owns already stays (with its
    kind changed), what it lacks is inserted, the rest is deleted, days on another resource included. What it has
    while a change is paid for, and what the waiting couple ``waitlist_id`` has, counts as its own and becomes so.
    """
    wanted = {Place(resource_id, day): kind for day, kind in kinds.items()}
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, wanted, booking_id=booking_id, waitlist_id=waitlist_id)
        owned, foreign = claims.standing(tenant_id, wanted, booking_id=booking_id, waitlist_id=waitlist_id)
        if foreign:
            raise _taken(Place(resource_id, min(foreign)))
        missing = {place: kind for place, kind in wanted.items() if place not in owned}
        _refuse_outside(tenant_id, missing)
        _insert(tenant_id, missing, Owner(booking_id))
        kept = {claim: wanted[place] for place, claim in owned.items() if place in wanted}
        claims.hand_over(tenant_id, kept, booking_id=booking_id)
        claims.change_kinds(tenant_id, kept)
        claims.free(tenant_id, {claim.id: place for place, claim in owned.items() if place not in wanted})


def claim_for_change(
    tenant_id: UUID, *, resource_id: UUID, booking_id: UUID, quote_id: UUID, days: Collection[date]
) -> None:
    """Keep those of these days that a booking does not own, while a change of it is paid for. Raises DateTaken.

    The caller has locked the booking's row. A booking goes through one change at a time.
    """
    _keep(tenant_id, resource_id, days, Owner(booking_id, quote_id))


def claim_for_waitlist(tenant_id: UUID, *, resource_id: UUID, waitlist_id: UUID, days: Collection[date]) -> None:
    """Keep these days for a couple that waited for them. Raises DateTaken."""
    _keep(tenant_id, resource_id, days, Owner(waitlist_id=waitlist_id))


def release_days(tenant_id: UUID, *, booking_id: UUID) -> None:
    """Free every day of a booking, also those of a change that is being paid for."""
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, {}, booking_id=booking_id)
        owned, _ = claims.standing(tenant_id, {}, booking_id=booking_id)
        claims.free(tenant_id, {claim.id: place for place, claim in owned.items()})


def release_change(tenant_id: UUID, *, quote_id: UUID) -> None:
    """Free what was kept for a change that is not going to happen; what the booking owned before stays its own."""
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, {}, quote_id=quote_id)
        claims.free(tenant_id, claims.kept_for(tenant_id, quote_id=quote_id))


def release_waitlist(tenant_id: UUID, *, waitlist_id: UUID) -> None:
    """Free what was kept for a couple that waited."""
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, {}, waitlist_id=waitlist_id)
        claims.free(tenant_id, claims.kept_for(tenant_id, waitlist_id=waitlist_id))


def return_to_waitlist(
    tenant_id: UUID, *, booking_id: UUID, waitlist_id: UUID, resource_id: UUID, days: Collection[date]
) -> bool:
    """Keep a booking's days for the waiting couple they came from, if it has them all; whether they are now kept."""
    wanted = {Place(resource_id, day) for day in days}
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, wanted, booking_id=booking_id)
        owned, _ = claims.standing(tenant_id, {}, booking_id=booking_id)
        if not wanted <= set(owned):
            return False
        claims.give_to_waiting(tenant_id, [owned[place] for place in wanted], waitlist_id=waitlist_id)
        return True


def black_out(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    first_on: date,
    last_on: date,
    note: str = "",
    user_id: UUID | None = None,
    at: datetime,
) -> BlackoutResult:
    """Take the free days of a range off sale. Raises Invalid, or Conflict when none of them is free."""
    days = _range(first_on, last_on)
    note = clean_line(note, most=LONGEST_NOTE)
    places = [Place(resource_id, day) for day in days]
    with database.writing(tenant_id):
        if not database.value("SELECT 1 FROM resource WHERE tenant_id = %s AND id = %s", tenant_id, resource_id):
            raise NotFound(N_("This calendar does not exist."))
        locks.lock_places(tenant_id, places)
        _, foreign = claims.standing(tenant_id, places)
        if len(foreign) == len(days):
            raise Conflict(N_("None of these days is free, so nothing was changed."))
        blackout = BlackoutDate.create(
            tenant_id=tenant_id, resource_id=resource_id, first_on=first_on, last_on=last_on, note=note,
            created_by=user_id, created_at=at,
        )  # fmt: skip
        taken = claims.cover(tenant_id, blackout.id, [place for place in places if place.day not in foreign])
        return BlackoutResult(blackout.id, sorted(foreign | {place.day for place in taken}))


def lift_blackout(tenant_id: UUID, *, blackout_id: UUID) -> None:
    """Put the days of a blackout back on sale, except those that another one covers. Raises NotFound."""
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, {}, blackout_id=blackout_id)
        owned = claims.of_blackout(tenant_id, blackout_id)
        if not database.execute("DELETE FROM blackout_date WHERE tenant_id = %s AND id = %s", tenant_id, blackout_id):
            raise NotFound(N_("This blackout date does not exist any more."))
        claims.hand_to_blackouts(tenant_id, owned)  # its own claims went with it
        waitlist_bell.ring(tenant_id, owned)


def _keep(tenant_id: UUID, resource_id: UUID, days: Collection[date], owner: Owner) -> None:
    wanted = [Place(resource_id, day) for day in days]
    with database.writing(tenant_id):
        locks.lock_places(tenant_id, wanted, booking_id=owner.booking_id, waitlist_id=owner.waitlist_id)
        owned, foreign = claims.standing(tenant_id, wanted, booking_id=owner.booking_id, waitlist_id=owner.waitlist_id)
        if foreign:
            raise _taken(Place(resource_id, min(foreign)))
        missing = dict.fromkeys((place for place in wanted if place not in owned), ClaimKind.HOLD)
        _refuse_outside(tenant_id, missing)
        _insert(tenant_id, missing, owner)


def _refuse_outside(tenant_id: UUID, missing: Collection[Place]) -> None:
    """Days that are to be taken now must not be busy in a calendar elsewhere."""
    if missing and (blocked := outside.busy(tenant_id, missing)):
        raise _taken(Place(next(iter(missing)).resource_id, min(blocked)))


def _insert(tenant_id: UUID, missing: Mapping[Place, ClaimKind], owner: Owner) -> None:
    try:
        claims.insert(tenant_id, missing, owner)
    except IntegrityError as error:
        if database.constraint_of(error) != "date_claim_once":
            raise
        raise _taken(*missing) from error


def _range(first_on: date, last_on: date) -> list[date]:
    if last_on < first_on:
        text = N_("The last day is before the first.")
        raise Invalid(text, {"last_on": text})
    count = (last_on - first_on) // timedelta(days=1) + 1
    if count > LONGEST_BLACKOUT:
        text = N_("Please black out at most a year at a time.")
        raise Invalid(text, {"last_on": text})
    return days_from(first_on, count)


def _taken(*places: Place) -> DateTaken:
    """PostgreSQL does not say which row a violation is about where row-level security hides rows."""
    if len(places) == 1:
        day = places[0].day
        return DateTaken(N_("%(day)s was taken a moment ago. Nothing was charged. Please pick another date."), day=day)
    return DateTaken(N_("One of these days was taken a moment ago. Nothing was charged. Please pick another date."))
