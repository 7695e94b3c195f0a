"""Pages of a list by key: the position that an address carries, a page of rows, and a count that stops at a thousand.

The position is the last row's, so pages stay put while rows come and go, and the last page costs what the first does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Invalid
from portal.kernel.text import N_, is_iso_date

COUNTED = 1_000
NO_SUCH_PAGE = N_("This page of the list does not exist. Please start from its beginning.")
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MOST_DIGITS = 17
Row = TypeVar("Row")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class DayCursor:
    """A position in a list by day: after this row."""

    on: date
    key: UUID

    def __str__(self) -> str:
        return f"{self.on.isoformat()}_{self.key.hex}"

    @classmethod
    def parse(cls, text: str) -> "DayCursor":
        """The position that an address carries. Raises Invalid."""
        on, _, key = text.partition("_")
        try:
            if is_iso_date(on):
                return cls(date.fromisoformat(on), UUID(hex=key))
        except ValueError:
            pass
        raise Invalid(NO_SUCH_PAGE)


@dataclass(frozen=True, slots=True)
class InstantCursor:
    """A position in a list by instant: after this row."""

    at: datetime
    key: UUID

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _TICK}_{self.key.hex}"

    @classmethod
    def parse(cls, text: str) -> "InstantCursor":
        """The position that an address carries. Raises Invalid."""
        ticks, _, key = text.partition("_")
        try:
            if ticks.isascii() and ticks.isdigit() and len(ticks) <= _MOST_DIGITS:
                return cls(_EPOCH + int(ticks) * _TICK, UUID(hex=key))
        except (ValueError, OverflowError):
            pass
        raise Invalid(NO_SUCH_PAGE)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Place]):
    """Some rows, where the next ones begin, and how many there are in all, counted up to a thousand."""

    rows: list[Row]
    next: Place | None
    count: int
    has_more_than_counted: bool


def page(found: Sequence[Row], *, limit: int, count: int, place: Callable[[Row], Place]) -> Page[Row, Place]:
    """The page of what was found, which is one row more than a page takes where there is a next one."""
    rows = list(found[:limit])
    after = place(rows[-1]) if len(found) > limit else None
    return Page(rows, after, min(count, COUNTED), count > COUNTED)


def count(source: str, *params: object) -> int:
    """How many rows there are, or one more than are counted; ``source`` is what stands between FROM and the end."""
    return int(database.value(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {COUNTED + 1}) AS counted", *params))
