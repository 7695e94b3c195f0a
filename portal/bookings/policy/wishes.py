"""What a couple may ask for. Pure: each rule returns the sentence that stands at the field, or nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from portal.availability.rules import furthest_on
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_

MOST_GUESTS = 10_000


class OfferedAddOn(Protocol):
    """What an add-on says of how often it can be taken."""

    @property
    def id(self) -> UUID: ...
    @property
    def max_quantity(self) -> int: ...


def date_fault(event_on: date, *, today: date, days: int, buffer_days: int) -> PortalError | None:
    """Whether an event may start on this day, whoever else wants it."""
    if event_on < today:
        return Invalid(N_("%(day)s is in the past. Please pick a date that is still to come."), day=event_on)
    furthest = furthest_on(today)
    if event_on > furthest or event_on > date.max - timedelta(days=days + buffer_days):
        return Invalid(N_("Dates can be booked up to %(furthest)s. Please pick an earlier one."), furthest=furthest)
    return None


def guests_fault(count: int | None, *, max_guests: int | None) -> PortalError | None:
    """Whether so many guests can be welcomed."""
    if count is None:
        return None
    if count < 1:
        return Invalid(N_("Please give the number of guests, or leave this empty."))
    most = min(max_guests or MOST_GUESTS, MOST_GUESTS)
    if count > most:
        return Invalid(N_("This package is for at most %(most)s guests."), most=most)
    return None


def quantity_faults(quantities: Mapping[UUID, int], add_ons: Sequence[OfferedAddOn]) -> dict[str, PortalError]:
    """What is wrong with the add-ons, by field; one that is not offered stands at the whole form."""
    faults: dict[str, PortalError] = {}
    offered = {add_on.id: add_on for add_on in add_ons}
    for key, quantity in quantities.items():
        if key not in offered:
            if quantity:
                faults[""] = Invalid(N_("One of the add-ons is not offered any more. Please check what you chose."))
        elif not 0 <= quantity <= offered[key].max_quantity:
            faults[add_on_field(key)] = Invalid(
                N_("Please choose a number from 0 to %(most)s."), most=offered[key].max_quantity
            )
    return faults


def add_on_field(add_on_id: UUID) -> str:
    """The form's name for an add-on's quantity."""
    return f"add_on_{add_on_id}"
