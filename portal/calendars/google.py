"""A calendar at Google: when it is busy, and our own events in it. The only room that talks to Google.

Facts of the interface (https://developers.google.com/workspace/calendar/api/v3/reference): an event's id may be ours
(base32hex, so a UUID's 32 digits); a deleted event keeps its id as a cancelled one and comes back by a change of its
status; a change that replaces an event must know its sequence, one that patches it need not; free/busy is asked for 90
days at most. Every call here may be made again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from portal.calendars.errors import READ_ONLY, CalendarMissing, UnknownOutcome, Unreachable
from portal.calendars.google_answers import Answer
from portal.calendars.google_http import BASE, TIMEOUT, GoogleHttp
from portal.calendars.service_account import ServiceAccount

__all__ = ["BASE", "About", "BusyTime", "CalendarEvent", "FoundEvent", "GoogleCalendar", "midnight"]

DAY = timedelta(days=1)
_AT_ONCE = timedelta(days=80)
_PAGES = 100
_GONE = frozenset({404, 410})
_NOT_FOUND, _CONFLICT = 404, 409
_WRITERS = frozenset({"writer", "owner"})


@dataclass(frozen=True, slots=True)
class About:
    """What Google says of the calendar: its own time zone, and whether we may write into it."""

    zone: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A time that is taken."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event of ours over whole days. ``id``: 5 to 1024 of a–v and 0–9; ``mark`` finds all of one kind again."""

    id: str
    mark: str
    version: str
    first_on: date
    last_on: date
    summary: str
    location: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event of ours as it stands at Google; ``last_on`` is the last day of it."""

    id: str
    version: str
    first_on: date | None
    last_on: date | None
    summary: str


class GoogleCalendar:
    """One calendar, reached with one service account. Every method raises GoogleError."""

    def __init__(
        self, account: ServiceAccount, calendar_id: str, *, base: str = BASE, timeout: float = TIMEOUT
    ) -> None:
        self._http = GoogleHttp(account, base=base, timeout=timeout)
        self._id = calendar_id
        self._events = f"/calendar/v3/calendars/{quote(calendar_id, safe='')}/events"

    def about(self) -> About:
        """Whether the calendar is there for us, and what we may do."""
        body = _good(self._http.call("GET", self._events, maxResults="1", fields="accessRole,timeZone"))
        return About(str(body.get("timeZone") or "UTC"), body.get("accessRole") in _WRITERS)

    def busy(self, first_on: date, last_on: date, zone: str) -> list[BusyTime]:
        """When the calendar is busy on these days of a time zone; the times are in ``zone``."""
        start, end = midnight(first_on, zone), midnight(last_on + DAY, zone)
        found: list[BusyTime] = []
        while start < end:
            until = min(start + _AT_ONCE, end)
            found += self._busy_between(start, until, zone)
            start = until
        return found

    def put_event(self, event: CalendarEvent) -> None:
        """Have this event at Google, exactly once, whether it was there, is new or had been deleted."""
        body = _body(event)
        answer = self._http.call("POST", self._events, {"id": event.id, **body}, sendUpdates="none")
        if answer.status == _CONFLICT:
            answer = self._http.call("PATCH", f"{self._events}/{event.id}", _without_hours(body), sendUpdates="none")
            if answer.status in _GONE:  # it went for good between the two
                raise UnknownOutcome
        _good(answer)

    def delete_event(self, event_id: str) -> None:
        """Have no such event at Google; one that is not there is no error.

        A calendar that is shared with us no more answers as if it were empty, so it is asked for as well.
        """
        answer = self._http.call("DELETE", f"{self._events}/{event_id}", sendUpdates="none")
        if answer.status not in _GONE:
            _good(answer)
        if answer.status == _NOT_FOUND and not self.about().may_write:
            raise CalendarMissing(READ_ONLY)

    def ours(self, mark: str) -> list[FoundEvent]:
        """All events that carry a mark, without the deleted ones."""
        found: list[FoundEvent] = []
        query: dict[str, str] = {
            "privateExtendedProperty": f"aisle={mark}",
            "maxResults": "250",
            "showDeleted": "false",
        }
        for _ in range(_PAGES):
            body = _good(self._http.call("GET", self._events, None, **query))
            found += [_found(each) for each in body.get("items") or [] if each.get("status") != "cancelled"]
            if not body.get("nextPageToken"):
                return found
            query["pageToken"] = str(body["nextPageToken"])
        raise Unreachable  # more than one calendar holds

    def _busy_between(self, start: datetime, end: datetime, zone: str) -> list[BusyTime]:
        asked: dict[str, object] = {
            "timeMin": start.isoformat(),
            "timeMax": end.isoformat(),
            "timeZone": zone,
            "items": [{"id": self._id}],
        }
        body = _good(self._http.call("POST", "/calendar/v3/freeBusy", asked))
        calendars = body.get("calendars")
        told = calendars.get(self._id) if isinstance(calendars, dict) else None
        if not isinstance(told, dict):
            raise Unreachable
        reasons = {str(each.get("reason")) for each in told.get("errors") or []}
        if reasons:
            raise CalendarMissing if "notFound" in reasons else Unreachable
        try:
            return [BusyTime(_instant(each["start"], zone), _instant(each["end"], zone)) for each in told["busy"]]
        except (KeyError, TypeError, ValueError):
            raise Unreachable from None


@lru_cache(maxsize=4096)  # each of our events is compared with each busy time
def midnight(day: date, zone: str) -> datetime:
    """The beginning of a day on a zone's clock, as the clock tells it: some days begin at one."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))


def _good(answer: Answer) -> dict[str, Any]:
    if not answer.is_good:
        raise answer.error()
    return answer.body


def _without_hours(body: dict[str, Any]) -> dict[str, object]:
    """A patch leaves what it does not name, so hours that somebody gave to the event are named to be taken away."""
    return {**body, **{name: {**body[name], "dateTime": None} for name in ("start", "end")}}


def _body(event: CalendarEvent) -> dict[str, object]:
    return {
        "status": "confirmed",
        "summary": event.summary,
        "location": event.location,
        "description": event.description,
        "start": {"date": event.first_on.isoformat()},
        "end": {"date": (event.last_on + DAY).isoformat()},
        "transparency": "opaque",
        "extendedProperties": {"private": {"aisle": event.mark, "version": event.version}},
    }


def _found(told: dict[str, Any]) -> FoundEvent:
    """Whoever may write into the calendar may have turned the event into one of hours: then it has no days of ours."""
    first_on, after = (_day(told.get(name)) for name in ("start", "end"))
    private = (told.get("extendedProperties") or {}).get("private") or {}
    return FoundEvent(
        id=str(told.get("id", "")),
        version=str(private.get("version", "")),
        first_on=first_on,
        last_on=after - DAY if after else None,
        summary=str(told.get("summary", "")),
    )


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(str(told["date"])) if isinstance(told, dict) and "date" in told else None
    except ValueError:
        return None


def _instant(text: object, zone: str) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(ZoneInfo(zone))
