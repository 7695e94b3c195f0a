"""Calendars, and who may do what with them, in memory."""

import threading
from dataclasses import dataclass, field

from portal.devtools.google_emulator.errors import ApiError
from portal.devtools.google_emulator.times import Doc


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
