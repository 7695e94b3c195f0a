"""The emulator as one object: start it, give out keys and calendars, throw its switches, stop it."""

from __future__ import annotations

import secrets
from typing import Any

from portal.devtools.emulated import Emulated
from portal.devtools.google_emulator import events as store
from portal.devtools.google_emulator.accounts import Accounts
from portal.devtools.google_emulator.app import create_app
from portal.devtools.google_emulator.calendars import Calendar, Calendars
from portal.devtools.google_emulator.faults import Fault, FaultKind
from portal.devtools.google_emulator.times import Doc

EMAIL = "aisle@emulated.iam.gserviceaccount.com"


class GoogleEmulator(Emulated):
    """A Google Calendar of our own on one address. Nothing outlives it."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port, create_app(self))
        self.accounts, self.calendars = Accounts(), Calendars()
        self.page_size = 2500
        self.token_uri = f"{self.base_url}/token"

    def make_key(self, email: str = EMAIL) -> str:
        """A new key file of a service account; an earlier key of it is good no more."""
        return self.accounts.make(email, self.token_uri)

    def revoke(self, email: str = EMAIL) -> None:
        """Delete an account's key."""
        self.accounts.revoke(email)

    def make_calendar(self, calendar_id: str, *, zone: str = "Europe/London", role: str = "writer") -> None:
        """A new calendar, shared with the usual account."""
        with self.calendars.lock:
            self.calendars.all[calendar_id] = Calendar(calendar_id, zone, {EMAIL: role})

    def share(self, calendar_id: str, role: str, email: str = EMAIL) -> None:
        """Let an account do this in a calendar; an empty role ends it."""
        with self.calendars.lock:
            roles = self.calendars.all[calendar_id].roles
            roles.pop(email, None)
            if role:
                roles[email] = role

    def enter(self, calendar_id: str, start: str, end: str, **told: Any) -> str:  # noqa: ANN401  fields of an event
        """Something that the owner of the calendar enters by hand, at days or instants; its id."""
        times = {name: {"dateTime" if "T" in at else "date": at} for name, at in (("start", start), ("end", end))}
        with self.calendars.lock:
            made = store.insert(self.calendars.all[calendar_id], {"id": secrets.token_hex(13), **times, **told})
        return str(made["id"])

    def events(self, calendar_id: str) -> list[Doc]:
        """The events that are not deleted."""
        with self.calendars.lock:
            found = self.calendars.all[calendar_id].events.values()
            return [dict(each) for each in found if each["status"] != "cancelled"]

    def clear(self, calendar_id: str) -> None:
        """Forget all events, as if none had ever been."""
        with self.calendars.lock:
            self.calendars.all[calendar_id].events.clear()

    def fail_next(
        self, method: str = "*", path: str = "*", *, status: int = 500, reason: str = "", times: int = 1, skip: int = 0,
        is_after_work: bool = False,
    ) -> None:  # fmt: skip
        """Answer the next calls with an error, instead of working or after the work is done. `path` may hold `*`."""
        self.faults.add(Fault(FaultKind.ERROR, method, path, times, skip, status, 0, is_after_work, reason))
