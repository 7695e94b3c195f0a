"""Faults on demand: what shall go wrong with the next calls to which address.

Rules are kept in memory: a restarted emulator is healthy.
"""

import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from portal.devtools.stripe_emulator.store import Doc


class FaultKind(StrEnum):
    """How a call goes wrong."""

    ERROR = "error"
    HANG = "hang"
    DROP_ANSWER = "drop_answer"


@dataclass
class Fault:
    """A rule. `path` may hold `*`; `skip` lets the first calls through; `times` is how many it hits."""

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    times: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 0.0
    is_after_work: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about this call."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a rule in force."""
        with self._lock:
            self._rules.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this call; counts it."""
        with self._lock:
            for rule in self._rules:
                if not rule.matches(method, path):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
                return rule
        return None

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._rules.clear()

    def all(self) -> list[Doc]:
        """The rules that still have calls to hit."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
