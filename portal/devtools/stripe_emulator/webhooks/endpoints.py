"""Webhook endpoints: an address, its own secret, and whether it hears of the platform or of connected accounts."""

import json
from dataclasses import asdict, dataclass

from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.store import Doc, Store


@dataclass(frozen=True)
class Endpoint:
    """Where events are sent. `is_connect` ones get the events of connected accounts, the others the platform's."""

    id: str
    url: str
    secret: str
    is_connect: bool
    types: tuple[str, ...]

    def wants(self, event: Doc) -> bool:
        """Whether this event is sent here."""
        return self.is_connect == ("account" in event) and ("*" in self.types or event["type"] in self.types)

    def as_dict(self) -> Doc:
        """For the switches' HTTP interface."""
        return asdict(self)


class Endpoints:
    """The endpoints that are set up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, url: str, secret: str, *, is_connect: bool, types: tuple[str, ...] = ("*",), endpoint_id: str = ""
    ) -> Endpoint:
        """Set one up. The same id again, or the same address and kind, replaces the old one.

        What was owed to the old one is sent to the new one: a shop that comes back on another port misses nothing.
        """
        secret = secret or new_id("whsec_")
        with self._store.transaction():
            old = [one for one in self.all() if (one.url, one.is_connect) == (url, is_connect)]
            endpoint = Endpoint(endpoint_id or (old[0].id if old else new_id("we_1")), url, secret, is_connect, types)
            self._store.execute(
                "INSERT OR REPLACE INTO endpoint VALUES (?, ?, ?, ?, ?)",
                endpoint.id,
                url,
                secret,
                int(is_connect),
                json.dumps(types),
            )
        return endpoint

    def remove(self, endpoint_id: str) -> None:
        """Take one down, with what was still to be sent there."""
        with self._store.transaction():
            self._store.execute("DELETE FROM delivery WHERE endpoint = ? AND state <> 'delivered'", endpoint_id)
            self._store.execute("DELETE FROM endpoint WHERE id = ?", endpoint_id)

    def all(self) -> list[Endpoint]:
        """Every endpoint."""
        rows = self._store.execute("SELECT * FROM endpoint ORDER BY rowid")
        return [
            Endpoint(row["id"], row["url"], row["secret"], bool(row["connect"]), tuple(json.loads(row["types"])))
            for row in rows
        ]
