"""On whose behalf something happens: the account, the request that caused it, and the world it happens in.

Everything that reads or changes objects does so through a scope, so that no account can reach another's objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import resource_missing

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World

PLATFORM = ""
"""The account name under which the platform's own objects are kept."""


@dataclass(frozen=True)
class Scope:
    """An account's view of the world."""

    world: World
    account: str = PLATFORM
    request_id: str | None = None
    idempotency_key: str | None = None

    def now(self) -> int:
        """The emulator's present second."""
        return self.world.clock.now()

    def find(self, kind: str, object_id: str) -> Doc | None:
        """The account's object, if there is one."""
        return self.world.store.load(kind, object_id, self.account)

    def get(self, kind: str, object_id: str, param: str = "id") -> Doc:
        """The account's object; another's looks as if it did not exist."""
        found = self.find(kind, object_id)
        if found is None:
            raise resource_missing(kind, object_id, param)
        return found

    def select(self, kind: str, **where: object) -> list[Doc]:
        """The account's objects with these values, newest first."""
        return self.world.store.select(kind, self.account, where)

    def save(self, doc: Doc) -> Doc:
        """Keep the object as it is now."""
        self.world.store.save(self.account, doc)
        return doc

    def emit(self, event_type: str, doc: Doc, **before: object) -> None:
        """Record that something happened to the object and tell the webhook endpoints."""
        self.world.events.emit(self, event_type, doc, before)

    def elsewhere(self, account: str) -> Scope:
        """The same cause, seen from another account."""
        return Scope(self.world, account, self.request_id, self.idempotency_key)


@dataclass(frozen=True)
class Call(Scope):
    """One API request: a scope with checked parameters and the ids in its path."""

    params: Doc = field(default_factory=dict)
    object_id: str = ""
