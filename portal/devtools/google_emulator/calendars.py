"""Calendars, their events and who may do what with them, in memory. A deleted event stays as a cancelled one."""

import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.devtools.google_emulator.errors import ApiError

Doc = dict[str, Any]
_ID = re.compile(r"[a-v0-9]{5,1024}")
_LONGEST_RANGE = timedelta(days=90)


@dataclass
class Calendar:
    """One calendar; ``roles`` by account."""

    id: str
    zone: str
    roles: dict[str, str] = field(default_factory=dict)
    events: dict[str, Doc] = field(default_factory=dict)


class Calendars:
    """All of them. The lock is held for a whole call."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.all: dict[str, Calendar] = {}

    def seen(self, calendar_id: str, email: str) -> Calendar:
        """A calendar that is shared with an account; any other is not found."""
        found = self.all.get(calendar_id)
        if found is None or email not in found.roles:
            raise ApiError(404, "notFound", "Not Found")
        return found

    def written(self, calendar_id: str, email: str) -> Calendar:
        """A calendar that an account may write into."""
        found = self.seen(calendar_id, email)
        if found.roles[email] not in {"writer", "owner"}:
            raise ApiError(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
        return found


def insert(calendar: Calendar, told: Doc) -> Doc:
    """A new event under an id of the caller's; one that was used before is refused even when its event is deleted."""
    event_id = str(told.get("id", ""))
    if not _ID.fullmatch(event_id):
        raise ApiError(400, "invalid", "Invalid resource id value.")
    if event_id in calendar.events:
        raise ApiError(409, "duplicate", "The requested identifier already exists.")
    made = {**told, "status": "confirmed", "sequence": 0, "kind": "calendar#event"}
    _check(made)
    calendar.events[event_id] = made
    return made


def replace(calendar: Calendar, event_id: str, told: Doc, *, is_patch: bool) -> Doc:
    """Change an event. A change of its times raises the sequence; a replacement that tells a lower one is refused."""
    before = known(calendar, event_id)
    if not is_patch and int(told.get("sequence", 0)) < before["sequence"]:
        raise ApiError(
            400, "invalid", "Invalid sequence value. The specified sequence number is below the current one."
        )
    kept = before if is_patch else {"kind": "calendar#event", "status": "confirmed"}
    after = {**kept, **told, "id": event_id, "sequence": before["sequence"]}
    _check(after)
    if any(after.get(name) != before.get(name) for name in ("start", "end")):
        after["sequence"] += 1
    calendar.events[event_id] = after
    return after


def delete(calendar: Calendar, event_id: str) -> None:
    """Cancel an event."""
    event = known(calendar, event_id)
    if event["status"] == "cancelled":
        raise ApiError(410, "deleted", "Resource has been deleted")
    event["status"] = "cancelled"


def known(calendar: Calendar, event_id: str) -> Doc:
    """An event, cancelled or not."""
    if event_id not in calendar.events:
        raise ApiError(404, "notFound", "Not Found")
    return calendar.events[event_id]


def busy(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When it is busy in a range, without gaps of nothing between two times."""
    if end <= start:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.")
    if end - start > _LONGEST_RANGE:
        raise ApiError(400, "timeRangeTooLong", "The requested time range is too long.")
    found: list[tuple[datetime, datetime]] = []
    for first, last in sorted(_times(event, calendar.zone) for event in calendar.events.values() if _blocks(event)):
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
    return _instant(event["start"], zone), _instant(event["end"], zone)


def _instant(told: Doc, zone: str) -> datetime:
    if "date" in told:
        day = date.fromisoformat(told["date"])
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return datetime.fromisoformat(told["dateTime"]).astimezone(UTC)


def _check(event: Doc) -> None:
    try:
        is_bad = _instant(event["start"], "UTC") >= _instant(event["end"], "UTC")
        is_bad = is_bad or ("date" in event["start"]) != ("date" in event["end"])
    except (KeyError, TypeError, ValueError):
        is_bad = True
    if is_bad:
        raise ApiError(400, "invalid", "Invalid start or end time.")
