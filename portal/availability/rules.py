"""Which days a booking takes, and how far ahead one can book. Pure: no database, no clock."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

from portal.availability.states import ClaimKind
from portal.kernel.time import days_from

YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a booking takes: those of the event, then those kept free after it."""

    event_days: tuple[date, ...]
    buffer_days: tuple[date, ...]

    @property
    def all_days(self) -> tuple[date, ...]:
        """Every day that is claimed, in order."""
        return self.event_days + self.buffer_days

    def held(self) -> dict[date, ClaimKind]:
        """The claims of a booking that is not paid yet."""
        return dict.fromkeys(self.all_days, ClaimKind.HOLD)

    def confirmed(self) -> dict[date, ClaimKind]:
        """The claims of a confirmed booking."""
        kinds = dict.fromkeys(self.event_days, ClaimKind.EVENT)
        return kinds | dict.fromkeys(self.buffer_days, ClaimKind.BUFFER)


def span(event_on: date, days: int, buffer_days: int) -> Span:
    """The days of an event that starts on ``event_on``; OverflowError at the end of the calendar."""
    every = days_from(event_on, days + buffer_days)
    return Span(tuple(every[:days]), tuple(every[days:]))


def furthest_on(today: date) -> date:
    """The last day on which an event may start: three years ahead, 28 February for a 29th that is missing."""
    try:
        return today.replace(year=today.year + YEARS_AHEAD)
    except ValueError:
        return today.replace(year=today.year + YEARS_AHEAD, day=28)


def is_startable(event_on: date, days: int, buffer_days: int, claimed: Container[date]) -> bool:
    """Whether every day that an event on this day would take is unclaimed."""
    length = timedelta(days=1)
    day = event_on
    for _ in range(days + buffer_days):
        if day in claimed:
            return False
        day += length
    return True
