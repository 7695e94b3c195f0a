"""What each call does. The lock of all calendars is held; a refusal is an exception."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import request

from portal.devtools.google_emulator import events as store
from portal.devtools.google_emulator.asking import body, email_of
from portal.devtools.google_emulator.errors import ApiError, TokenError
from portal.devtools.google_emulator.times import busy

if TYPE_CHECKING:
    from portal.devtools.google_emulator.emulator import GoogleEmulator
    from portal.devtools.google_emulator.times import Doc

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_READERS = frozenset({"reader", "writer", "owner"})


class Calls:
    """The calls of one world, about the request that is being answered."""

    def __init__(self, world: GoogleEmulator) -> None:
        self._world = world

    def token(self) -> Doc:
        """A token for a signed statement."""
        if request.form.get("grant_type") != _GRANT:
            raise TokenError("unsupported_grant_type", "Invalid grant_type.")
        token = self._world.accounts.exchange(request.form.get("assertion", ""), self._world.token_uri)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def free_busy(self) -> Doc:
        """When calendars are busy; one that is not shared is an error inside of the answer."""
        email, asked = email_of(self._world), body()
        zone = ZoneInfo(asked.get("timeZone", "UTC"))
        start, end = (datetime.fromisoformat(asked[name]) for name in ("timeMin", "timeMax"))
        told: Doc = {}
        for item in asked["items"]:
            try:
                calendar = self._world.calendars.seen(item["id"], email)
            except ApiError:
                told[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                continue
            times = busy(calendar.events.values(), calendar.zone, start, end)
            told[item["id"]] = {
                "busy": [
                    {"start": since.astimezone(zone).isoformat(), "end": until.astimezone(zone).isoformat()}
                    for since, until in times
                ]
            }
        return {
            "kind": "calendar#freeBusy",
            "timeMin": asked["timeMin"],
            "timeMax": asked["timeMax"],
            "calendars": told,
        }

    def listed(self, calendar_id: str) -> Doc:
        """Events in pages, as one filter of a private property leaves them."""
        calendar = self._world.calendars.seen(calendar_id, email_of(self._world))
        role = calendar.roles[email_of(self._world)]
        if role not in _READERS:
            raise ApiError(404, "notFound", "Not Found")
        wanted = request.args.get("privateExtendedProperty", "")
        found = [each for _, each in sorted(calendar.events.items()) if _has(each, wanted)]
        if request.args.get("showDeleted") != "true":
            found = [each for each in found if each["status"] != "cancelled"]
        most = min(int(request.args.get("maxResults", "250")), self._world.page_size)
        start = int(request.args.get("pageToken", "0"))
        page: Doc = {"kind": "calendar#events", "timeZone": calendar.zone, "accessRole": role}
        if "fields" not in request.args:
            page["items"] = found[start : start + most]
            if start + most < len(found):
                page["nextPageToken"] = str(start + most)
        return page

    def insert(self, calendar_id: str) -> Doc:
        """A new event."""
        return store.insert(self._world.calendars.written(calendar_id, email_of(self._world)), body())

    def event(self, calendar_id: str, event_id: str) -> Doc | None:
        """Read, change or delete one."""
        if request.method == "GET":
            return store.known(self._world.calendars.seen(calendar_id, email_of(self._world)), event_id)
        calendar = self._world.calendars.written(calendar_id, email_of(self._world))
        if request.method == "DELETE":
            store.delete(calendar, event_id)
            return None
        return store.replace(calendar, event_id, body(), is_patch=request.method == "PATCH")


def _has(event: Doc, wanted: str) -> bool:
    name, _, value = wanted.partition("=")
    private = event.get("extendedProperties", {}).get("private", {})
    return not wanted or private.get(name) == value
