"""What every month calendar shares: the columns in the locale's order, and the month that an address asks for."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from portal.tenants.language import language

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)


class Weekday(NamedTuple):
    """A column's head."""

    short: str
    long: str


def parse(text: str) -> date | None:
    """The first day of ``2027-06``, or None."""
    found = _MONTH.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def first_weekday(locale: str) -> int:
    """The day a week begins with; Monday is 0."""
    return int(language(locale).locale.first_week_day)


@lru_cache(maxsize=64)
def weekdays(locale: str) -> tuple[Weekday, ...]:
    """The columns in the locale's order."""
    names = language(locale).locale.days["stand-alone"]
    order = [(first_weekday(locale) + at) % 7 for at in range(7)]
    return tuple(Weekday(names["short"][at], names["wide"][at]) for at in order)
