"""What happens by the passing of time: sessions end, delayed payments and refunds settle."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.engine.delayed import settle_due
from portal.devtools.stripe_emulator.engine.expiring import expire_due_sessions
from portal.devtools.stripe_emulator.engine.refunding import settle_due_refunds

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.world import World

_PAUSE_SECONDS = 0.5


class Ticker:
    """A thread that looks twice a second."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._thread = threading.Thread(target=self._run, name="stripe-ticker", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the last look."""
        self._thread.join()

    def _run(self) -> None:
        while not self._world.stopping.wait(_PAUSE_SECONDS):
            expire_due_sessions(self._world)
            settle_due(self._world)
            settle_due_refunds(self._world)
