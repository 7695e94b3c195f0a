"""How patient the worker is. Tests make it impatient; production has no switch for it.

A lease must outlast the longest effect (an SMTP conversation, three calls to Stripe), because a second worker takes
over when it runs out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, unless the name says otherwise. The type of each default is what ``from_env`` reads."""

    lease: float = 60.0
    first_delay: float = 2.0
    longest_delay: float = 600.0
    rest: float = 20.0
    turn: float = 1.0
    sweep_every: float = 10.0
    most_attempts: int = 300
    fewest_attempts: int = 10
    give_up_after: float = 86_400.0


_current = [Pace()]


def current() -> Pace:
    """The pace of this process."""
    return _current[0]


def install(pace: Pace) -> None:
    """Choose the pace of this process."""
    _current[0] = pace


def from_env(environ: Mapping[str, str]) -> Pace:
    """The pace that a test asks of a worker process: ``PACE_LEASE``, ``PACE_LONGEST_DELAY`` and so on."""
    pace = Pace()
    for name in Pace.__slots__:
        text = environ.get(f"PACE_{name.upper()}")
        if text is not None:
            pace = replace(pace, **{name: type(getattr(Pace(), name))(text)})
    return pace
