"""What all switches share: the world, and finding whose object an id names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.present import public
from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.webhooks.sender import Sender
    from portal.devtools.stripe_emulator.world import World


class Switches:
    """Base of the groups of switches."""

    world: World
    sender: Sender

    def _scope_of(self, kind: str, object_id: str) -> Scope:
        owner = self.world.store.owner(kind, object_id)
        if owner is None:
            raise LookupError(f"no {kind} {object_id}")
        return Scope(self.world, owner)

    def _shown(self, doc: Doc) -> Doc:
        return public(self.world, doc)
