"""What every small emulator of a provider is: a web application on an address of its own that can be made to fail.

It lives in memory. Rules of failing are kept and counted as the emulator of Stripe does it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from portal.devtools.stripe_emulator.faults import Fault, FaultKind, Faults
from portal.devtools.stripe_emulator.server import Server

if TYPE_CHECKING:
    from flask import Flask


class Emulated:
    """A provider of our own on one address. Nothing outlives it."""

    def __init__(self, host: str, port: int, app: Flask) -> None:
        self.faults = Faults()
        self.calls: list[tuple[str, str]] = []
        self.stopping = threading.Event()
        self._server = Server(host, port, app)
        self.base_url = f"http://{host}:{self._server.port}"

    def hang_next(
        self, method: str = "*", path: str = "*", *, seconds: float = 30, times: int = 1, skip: int = 0,
        is_after_work: bool = False,
    ) -> None:  # fmt: skip
        """Let the next calls wait before their work, which is done all the same, or after it."""
        self.faults.add(Fault(FaultKind.HANG, method, path, times, skip, 200, seconds, is_after_work))

    def drop_answers(self, method: str = "*", path: str = "*", *, times: int = 1, skip: int = 0) -> None:
        """Do the work of the next calls and close the connection without an answer."""
        self.faults.add(Fault(FaultKind.DROP_ANSWER, method, path, times, skip, is_after_work=True))

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
