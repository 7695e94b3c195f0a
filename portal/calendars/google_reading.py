"""From the times at which a calendar at Google is busy to the days that it makes busy. For ``refreshing``.

Google tells times alone, no titles. A time that reaches from midnight to midnight on the calendar's own clock is meant
as whole days, wherever the business is; any other takes the days that it touches on the business's clock. Events that
we have entered ourselves are times like all others, so they are cut out: a day is not busy because it was sold here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.calendars.errors import CalendarMissing
from portal.calendars.google import About, BusyTime, GoogleCalendar, midnight
from portal.calendars.reading import Busy

DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Read:
    """What a calendar at Google says."""

    busy: Busy
    may_write: bool


def read(
    calendar: GoogleCalendar,
    ours: Callable[[], set[tuple[date, date]]],
    *,
    timezone: str,
    first_on: date,
    last_on: date,
    is_whole_days_only: bool,
) -> Read:
    """The busy days of a range, and whether we may write there. Raises GoogleError.

    ``ours``: first and last days of our own events as far as we know now.
    """
    about = _about(calendar, timezone)
    before = ours()
    told = calendar.busy(first_on - DAY, last_on + DAY, about.zone)
    # One may have come or gone meanwhile.
    own = {days for days in before | ours() if days[1] >= first_on - DAY}
    times = [part for each in told for part in without(each, own, about.zone)]
    days = {
        day for each in times for day in days_of(each, timezone, is_whole_days_only=is_whole_days_only)
        if first_on <= day <= last_on
    }  # fmt: skip
    return Read(Busy(frozenset(days), len(times), 0), about.may_write)


def days_of(time: BusyTime, timezone: str, *, is_whole_days_only: bool) -> Iterator[date]:
    """The days of a time that is told on the calendar's own clock."""
    start, end = time.start, time.end
    if is_whole_days_only:  # those that it takes wholly
        first_on = start.date() if _is_midnight(start) else start.date() + DAY
        last_on = end.date() - DAY
    elif _is_midnight(start) and _is_midnight(end):
        first_on, last_on = start.date(), end.date() - DAY
    else:
        zone = ZoneInfo(timezone)
        first_on, last_on = start.astimezone(zone).date(), max(end - _MOMENT, start).astimezone(zone).date()
    while first_on <= last_on:
        yield first_on
        first_on += DAY


def without(time: BusyTime, own: Iterable[tuple[date, date]], zone: str) -> Iterator[BusyTime]:
    """What is left of a time besides our own events, which last from midnight to midnight."""
    start = time.start
    for first_on, last_on in sorted(own):
        since, until = midnight(first_on, zone), midnight(last_on + DAY, zone)
        if until <= start or since >= time.end:
            continue
        if start < since:
            yield BusyTime(start, since)
        start = until
    if start < time.end:
        yield BusyTime(start, time.end)


def _about(calendar: GoogleCalendar, timezone: str) -> About:
    """A calendar of which we are told nothing but times is not known to Google's list of events."""
    try:
        about = calendar.about()
        ZoneInfo(about.zone)
    except (CalendarMissing, ZoneInfoNotFoundError, ValueError):
        return About(timezone, may_write=False)
    return about


def _is_midnight(at: datetime) -> bool:
    """Whether a day begins then, be it at one because the clock goes forward."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC) == at.astimezone(UTC)
