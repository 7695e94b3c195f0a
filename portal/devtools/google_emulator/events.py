"""Events of a calendar and how they change. A deleted one stays as a cancelled one, and its id is used up."""

import re

from portal.devtools.google_emulator.calendars import Calendar
from portal.devtools.google_emulator.errors import ApiError
from portal.devtools.google_emulator.times import Doc, instant_of

_ID = re.compile(r"[a-v0-9]{5,1024}")


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
    changed = _merged(before, told) if is_patch else {"kind": "calendar#event", "status": "confirmed", **told}
    after = {**changed, "id": event_id, "sequence": before["sequence"]}
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


def _merged(before: Doc, told: Doc) -> Doc:
    """A patch changes what it names, also within an object, and takes away what it names as null (RFC 7396)."""
    after = dict(before)
    for name, value in told.items():
        after.pop(name, None)
        if isinstance(value, dict):
            known_before = before.get(name)
            after[name] = _merged(known_before if isinstance(known_before, dict) else {}, value)
        elif value is not None:
            after[name] = value
    return after


def _check(event: Doc) -> None:
    try:
        is_bad = instant_of(event["start"], "UTC") >= instant_of(event["end"], "UTC")
        is_bad = is_bad or any("date" in event[name] and "dateTime" in event[name] for name in ("start", "end"))
        is_bad = is_bad or ("date" in event["start"]) != ("date" in event["end"])
    except (KeyError, TypeError, ValueError):
        is_bad = True
    if is_bad:
        raise ApiError(400, "invalid", "Invalid start or end time.")
