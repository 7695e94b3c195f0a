"""Named places where a test can end the process, as a power cut would.

``FAILPOINT=name`` arms one; the setting is refused in production. ``reach`` costs a comparison otherwise.
"""

import os

_armed: str | None = None
EXIT_CODE = 86


def arm(name: str | None) -> None:
    """Choose the place where this process will end."""
    global _armed  # noqa: PLW0603  one per process, like the process it ends
    _armed = name


def reach(name: str) -> None:
    """End the process here, without clean-up, if this place is armed."""
    if _armed is not None and _armed == name:
        os._exit(EXIT_CODE)
