"""Which dates can be waited for, and how long an offer lasts. Pure: no database, no clock."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from portal.availability.states import ClaimKind
from portal.kernel.time import days_from, local_instant

OFFER_LASTS = timedelta(hours=48)
# Longer queues are no use to anybody at their end, and a list without an end invites to fill it.
MOST_WAITING = 20


def is_joinable(event_on: date, length: int, claimed: Mapping[date, ClaimKind], *, today: date) -> bool:
    """Whether a date that is not free may become so: a day that the business has closed is not sold to anybody.

    ``length`` counts the event's days and the buffer days after them.
    """
    kinds = {claimed[day] for day in days_from(event_on, length) if day in claimed}
    return event_on > today and bool(kinds) and ClaimKind.BLACKOUT not in kinds


def offer_ends_at(at: datetime, event_on: date, zone: str) -> datetime:
    """Two days from now, and never later than the beginning of the event's day. Whole seconds, as people read it."""
    return min(at + OFFER_LASTS, local_instant(event_on, time(0), zone)).replace(microsecond=0)


def link_ends_at(event_on: date, zone: str) -> datetime:
    """When the links to an entry stop to work: with the event's day."""
    return local_instant(event_on + timedelta(days=1), time(0), zone)
