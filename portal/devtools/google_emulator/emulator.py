"""The emulator as one object: start it, give out keys and calendars, throw its switches, stop it."""

from __future__ import annotations

import secrets
import threading
from typing import Any, Self

from portal.devtools.google_emulator import calendars as store
from portal.devtools.google_emulator.accounts import Accounts
from portal.devtools.google_emulator.app import create_app
from portal.devtools.google_emulator.calendars import Calendar, Calendars
from portal.devtools.google_emulator.faults import Fault, FaultKind, Faults
from portal.devtools.stripe_emulator.server import Server

EMAIL = "aisle@emulated.iam.gserviceaccount.com"


class GoogleEmulator:
    """A Google Calendar of our own on one address. Nothing outlives it."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.accounts, self.calendars, self.faults = Accounts(), Calendars(), Faults()
        self.calls: list[tuple[str, str]] = []
        self.page_size = 2500
        self.stopping = threading.Event()
        self._server = Server(host, port, create_app(self))
        self.base_url = f"http://{host}:{self._server.port}"
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

    def events(self, calendar_id: str) -> list[store.Doc]:
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

    def hang_next(
        self, method: str = "*", path: str = "*", *, seconds: float = 30, times: int = 1, skip: int = 0,
        is_after_work: bool = False,
    ) -> None:  # fmt: skip
        """Let the next calls wait before or after their work, which is done all the same."""
        self.faults.add(Fault(FaultKind.HANG, method, path, times, skip, 200, seconds, is_after_work))

    def drop_answers(self, method: str = "*", path: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Do the work of the next calls and close the connection without an answer."""
        self.faults.add(Fault(FaultKind.DROP_ANSWER, method, path, times, skip))

    def clear_faults(self) -> None:
        """Let every call work again."""
        self.faults.clear()

    def start(self) -> str:
        """Begin to answer; returns the address."""
        self._server.start()
        return self.base_url

    def stop(self) -> None:
        """Answer nobody any more. A stopped emulator is not started again."""
        self.stopping.set()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
