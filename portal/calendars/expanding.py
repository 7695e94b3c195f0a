"""The days that a calendar's file makes busy. Run as a program of its own, for ``reading`` alone.

A file may hold rules that no library gets to the end of, so this process limits its own time and memory and is thrown
away afterwards; it has no settings, no secrets and no database. In: the file. Out: JSON.
"""

import json
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from portal.calendars.ics import PRODUCT, UID_DOMAIN

CPU_SECONDS = 15
MEMORY = 1024 * 1024 * 1024
DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_LONGEST = timedelta(days=366)
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_REPEATED = frozenset({"RRULE", "RDATE", "RECURRENCE-ID"})
_REPEATING = frozenset({"RRULE", "RDATE"})
_BROKEN = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
# Our own UIDs, and those that Google makes of the ids of events that we have entered there.
_OURS = re.compile(rf"{UID_DOMAIN}$|^[0-9a-f]{{12}}7[0-9a-f]{{31}}7[0-9a-f]{{19}}@google\.com$")
_WITHIN_A_DAY = frozenset({"BYSECOND", "BYMINUTE", "BYHOUR"})


class Window(NamedTuple):
    """What is asked for: days from ``first_on`` to ``last_on`` as they are in ``zone``."""

    zone: ZoneInfo
    first_on: date
    last_on: date
    is_whole_days_only: bool


def expand(content: bytes, window: Window) -> dict[str, object]:
    """What the file says; ValueError when it is no calendar."""
    days: set[date] = set()
    entries = left_out = 0
    for calendar in icalendar.Calendar.from_ical(content, multiple=True):
        if not isinstance(calendar, icalendar.Calendar):
            raise TypeError
        if str(calendar.get("PRODID", "")) == PRODUCT:
            return {"is_own": True}
        events: list[Any] = calendar.walk("VEVENT")
        entries += len(events)
        kept = [event for event in events if _is_bounded(event)]
        singles = [event for event in kept if not _REPEATED & set(event)]
        # What happens once needs no library, which cannot think as far as the year 9999.
        for event in singles:
            try:
                days.update(_busy([event], window))
            except _BROKEN:
                left_out += 1
        left_out += len(events) - len(kept)
        series = [event for event in kept if _REPEATED & set(event)]
        calendar.subcomponents = [each for each in calendar.subcomponents if each.name != "VEVENT"] + series
        found = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True)
        # A day more at each end: places differ by up to 14 hours.
        days.update(_busy(found.between(window.first_on - DAY, window.last_on + 2 * DAY), window))
        summaries: list[Any] = calendar.walk("VFREEBUSY")
        entries += len(summaries)
        for each in summaries:
            days.update(_told_busy(each, window))
    return {"days": sorted(day.isoformat() for day in days), "entries": entries, "left_out": left_out}


def _is_bounded(event: Any) -> bool:  # noqa: ANN401
    """Whether an entry has a beginning and repeats daily at most. A series that is broken would break all others."""
    try:
        start, rules = event["DTSTART"].dt, event.get("RRULE", [])
        if _REPEATING & set(event) and _end(event) - start > _LONGEST:
            return False
        return not any(_is_too_often(rule) for rule in (rules if isinstance(rules, list) else [rules]))
    except _BROKEN:
        return False


def _is_too_often(rule: Any) -> bool:  # noqa: ANN401
    """Whether it repeats within a day, or without any distance at all."""
    often = set(map(str, rule.get("FREQ", []))) & _TOO_OFTEN
    return bool(often or _WITHIN_A_DAY & set(rule) or 0 in rule.get("INTERVAL", []))


def _busy(occurrences: Iterable[Any], window: Window) -> Iterator[date]:
    for each in occurrences:
        if not _is_free(each):
            yield from _days(each, window)


def _is_free(event: Any) -> bool:  # noqa: ANN401
    """Whether an entry says that it takes no time, was called off, or is one of our own that was copied."""
    said = {name: str(event.get(name, "")).upper() for name in ("TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return (
        said["TRANSP"] == "TRANSPARENT"
        or said["STATUS"] == "CANCELLED"
        or said["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
        or _OURS.search(str(event.get("UID", ""))) is not None
    )


def _told_busy(summary: Any, window: Window) -> Iterator[date]:  # noqa: ANN401
    """The days of a summary of busy times (RFC 5545, 3.6.4), which has no entries and no whole days."""
    told = summary.get("FREEBUSY", [])
    for each in told if isinstance(told, list) else [told]:
        if str(each.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        first_on, last_on = _local(each.start, window.zone), _local(max(each.end - _MOMENT, each.start), window.zone)
        if window.is_whole_days_only:  # those that it takes wholly
            first_on += DAY * (_midnight(first_on, window.zone) < each.start)
            last_on -= DAY * (_midnight(last_on + DAY, window.zone) > each.end)
        yield from _within(first_on, last_on, window)


def _days(event: Any, window: Window) -> Iterator[date]:  # noqa: ANN401
    start = event["DTSTART"].dt
    end = _end(event)
    if isinstance(start, datetime):
        if window.is_whole_days_only:
            return
        first_on, last_on = _local(start, window.zone), _local(max(end - _MOMENT, start), window.zone)
    else:
        first_on, last_on = start, max(end - DAY, start)
    yield from _within(first_on, last_on, window)


def _within(first_on: date, last_on: date, window: Window) -> Iterator[date]:
    day, last_on = max(first_on, window.first_on), min(last_on, window.last_on)
    while day <= last_on:
        yield day
        day += DAY


def _end(event: Any) -> Any:  # noqa: ANN401
    """The end of an entry, which may say how long it is instead, or neither."""
    if "DTEND" in event:
        return event["DTEND"].dt
    start = event["DTSTART"].dt
    return start + event["DURATION"].dt if "DURATION" in event else start


def _local(at: datetime, zone: ZoneInfo) -> date:
    """A time without a zone is meant where the business is (RFC 5545, 3.3.5)."""
    try:
        return (at if at.tzinfo is None else at.astimezone(zone)).date()
    except OverflowError:  # the first and the last day of all
        return at.date()


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)


def main(zone: str, first_on: str, last_on: str, whole: str) -> None:
    """Limit this process, read the file, write the answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    window = Window(ZoneInfo(zone), date.fromisoformat(first_on), date.fromisoformat(last_on), whole == "whole")
    json.dump(expand(sys.stdin.buffer.read(), window), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
