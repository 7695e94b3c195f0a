"""The emulator's time: the wall clock plus an offset that tests may shift.

The offset is kept in the store, so a restart does not jump back. Webhook retries wait in real time
and do not use this clock.
"""

import time

from portal.devtools.stripe_emulator.store import Store

_OFFSET = "clock_offset"


class Clock:
    """Seconds since the epoch, as this emulator sees them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = int(store.read_setting(_OFFSET) or 0)

    @property
    def offset(self) -> int:
        """How far this clock runs ahead of the wall clock, in seconds."""
        return self._offset

    def now(self) -> int:
        """The present second."""
        return int(time.time()) + self._offset

    def shift(self, seconds: int) -> int:
        """Move the clock by so many seconds, and tell the new time."""
        self._set(self._offset + seconds)
        return self.now()

    def set_to(self, instant: int) -> int:
        """Let the clock run on from this epoch second."""
        self._set(instant - int(time.time()))
        return self.now()

    def reset(self) -> None:
        """Back to the wall clock."""
        self._set(0)

    def _set(self, offset: int) -> None:
        self._offset = offset
        self._store.write_setting(_OFFSET, str(offset))
