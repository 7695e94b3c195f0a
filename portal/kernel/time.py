"""The clock, and local time.

Instants are aware UTC; an event date is a plain date. ``now()`` is taken once per operation and handed
down. The clock can be shifted (a setting refused in production) and frozen (tests).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """The current instant, aware, in UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + _shift


def shift(by: timedelta) -> None:
    """Move this process's clock; for development and tests."""
    global _shift  # noqa: PLW0603  the clock is one per process
    _shift = by


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock of this process at an instant; for tests."""
    global _frozen  # noqa: PLW0603
    if at.tzinfo is None:
        msg = "a naive datetime is not an instant"
        raise ValueError(msg)
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def today(zone: str, at: datetime | None = None) -> date:
    """The calendar day in a time zone, now or at an instant."""
    return (at or now()).astimezone(ZoneInfo(zone)).date()


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The instant of a local wall-clock time, in UTC.

    A time that daylight saving skips moves forward by the gap; one that it doubles is the first of the two.
    """
    # fold=0 reads a skipped time with the offset before the gap, which lands it after the gap.
    return datetime.combine(day, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def days_from(day: date, count: int) -> list[date]:
    """``count`` consecutive days, the first being ``day``."""
    return [day + timedelta(days=offset) for offset in range(count)]
