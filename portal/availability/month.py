"""A month as a package sees it: each day's own state, and whether an event may start on it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.availability.rules import is_startable
from portal.availability.states import ClaimKind, DayState
from portal.kernel.time import days_from

DAY = timedelta(days=1)
_STATE_OF_CLAIM = {
    ClaimKind.EVENT: DayState.TAKEN,
    ClaimKind.BUFFER: DayState.TAKEN,
    ClaimKind.HOLD: DayState.HELD,
    ClaimKind.BLACKOUT: DayState.BLACKED_OUT,
    ClaimKind.OUTSIDE: DayState.TAKEN,  # without a word of why
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides whether an event may start on a day."""

    days: int
    buffer_days: int
    today: date
    furthest_on: date


@dataclass(frozen=True, slots=True)
class DayView:
    """One day. ``NOT_STARTABLE``: free itself, but a later day that the event needs is not."""

    on: date
    state: DayState
    is_bookable: bool
    is_in_month: bool


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month in weeks of seven days; ``previous`` and ``next`` are first days, None where nothing can be booked."""

    month: date
    previous: date | None
    next: date | None
    weeks: list[list[DayView]]


def grid(month: date, first_weekday: int) -> list[date]:
    """The days of a month's table, whole weeks from ``first_weekday`` (Monday is 0); ``month`` is the first day."""
    start = month - DAY * ((month.weekday() - first_weekday) % 7)
    length = (next_month(month) - start).days
    return days_from(start, -(-length // 7) * 7)


def month_view(month: date, claimed: Mapping[date, ClaimKind], rules: Rules, *, first_weekday: int) -> MonthView:
    """The month of a resource whose days are ``claimed``; claims after the last day must be in it too."""
    days = [_day(on, claimed, rules, month) for on in grid(month, first_weekday)]
    return MonthView(
        month,
        previous_month(month) if month > rules.today else None,
        following if (following := next_month(month)) <= rules.furthest_on else None,
        [days[at : at + 7] for at in range(0, len(days), 7)],
    )


def day_state(on: date, claimed: Mapping[date, ClaimKind], rules: Rules) -> DayState:
    """What a day looks like to a couple."""
    if on < rules.today:
        return DayState.PAST
    if on > rules.furthest_on:
        return DayState.BEYOND
    if on in claimed:
        return _STATE_OF_CLAIM[claimed[on]]
    return DayState.FREE if is_startable(on, rules.days, rules.buffer_days, claimed) else DayState.NOT_STARTABLE


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + DAY * 4).replace(day=1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - DAY).replace(day=1)


def nearest(around: date, claimed: Mapping[date, ClaimKind], rules: Rules, *, count: int) -> list[date]:
    """The bookable days nearest to one, nearest first and the later of two equally near; itself included."""
    middle = min(max(around, rules.today), rules.furthest_on)
    found: list[date] = []
    for distance in range((rules.furthest_on - rules.today).days + 1):
        for on in {middle + DAY * distance: None, middle - DAY * distance: None}:
            if day_state(on, claimed, rules) is DayState.FREE:
                found.append(on)  # noqa: PERF401  it ends early
        if len(found) >= count:
            break
    return found[:count]


def _day(on: date, claimed: Mapping[date, ClaimKind], rules: Rules, month: date) -> DayView:
    state = day_state(on, claimed, rules)
    return DayView(on, state, state is DayState.FREE, on.month == month.month)
