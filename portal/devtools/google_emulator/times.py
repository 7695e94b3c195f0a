"""Days and instants of events, and when a calendar is busy because of them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.devtools.google_emulator.errors import ApiError

Doc = dict[str, Any]
_LONGEST_RANGE = timedelta(days=90)


def busy(
    events: Iterable[dict[str, Any]], zone: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """When it is busy in a range, without gaps of nothing between two times."""
    if end <= start:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.")
    if end - start > _LONGEST_RANGE:
        raise ApiError(400, "timeRangeTooLong", "The requested time range is too long.")
    found: list[tuple[datetime, datetime]] = []
    for first, last in sorted(_times(event, zone) for event in events if _blocks(event)):
        since, until = max(first, start), min(last, end)
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _blocks(event: Doc) -> bool:
    return bool(event["status"] != "cancelled" and event.get("transparency", "opaque") == "opaque")


def _times(event: Doc, zone: str) -> tuple[datetime, datetime]:
    return instant_of(event["start"], zone), instant_of(event["end"], zone)


def instant_of(told: Doc, zone: str) -> datetime:
    """When something is, that is told as a day or as an instant."""
    if "date" in told:
        day = date.fromisoformat(told["date"])
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return datetime.fromisoformat(told["dateTime"]).astimezone(UTC)
