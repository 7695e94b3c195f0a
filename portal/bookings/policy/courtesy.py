"""Keeping a date for some days without paying: until when, and when its couple is reminded. Pure.

A day counts to its end at the business's place. The date is never kept into the day of the event itself.
"""

from datetime import date, datetime, time, timedelta

from portal.kernel.time import local_instant, today

# What is left to a couple once somebody else asks for the date.
AFTER_CHALLENGE = timedelta(hours=48)
_END_OF_DAY = time(23, 59, 59)
_REMINDED_AT = time(10)
_DAY = timedelta(days=1)


def last_day(made_on: date, event_on: date, days: int) -> date | None:
    """The last day on which a date is kept; None where it would not outlast the day on which that is asked."""
    if days < 1:
        return None
    last_on = min(made_on + timedelta(days=days), event_on - _DAY)
    return last_on if last_on > made_on else None


def end_of(last_on: date, zone: str) -> datetime:
    """The instant at which the date is free again."""
    return local_instant(last_on, _END_OF_DAY, zone)


def remind_at(last_on: date, zone: str, *, since: datetime) -> datetime | None:
    """When its couple hears that it ends tomorrow; None when they have only just asked for it."""
    if last_on - today(zone, since) <= _DAY:
        return None
    return local_instant(last_on - _DAY, _REMINDED_AT, zone)
