"""Keeps one process warm that makes PDFs (``pdf``), hands it jobs and watches the clock.

A job that takes too long ends the process, not the worker. There is one at a time: a burst of documents waits in the
outbox and not in memory, and whoever finds it busy comes back later.
"""

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time as stopwatch
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_FONTS = Path(__file__).with_name("fonts.conf")
_COMMAND = (sys.executable, "-E", "-s", "-m", "portal.invoices.pdf")
_HEAD = struct.calcsize(">?I")
_PIECE = 1 << 16
_JOBS_PER_PROCESS = 200
_STDERR_KEPT = 2_000


class PrintingError(Exception):
    """No PDF was made; the text says why."""


class PrinterBusyError(PrintingError):
    """Another document is being made; this one was not tried."""


class Printer:
    """The process and its pipes. ``seconds`` is how long one document may take, ``patience`` how long to queue."""

    def __init__(
        self, command: Sequence[str] = _COMMAND, *, seconds: float = 15, patience: float = 2, start: float = 30
    ) -> None:
        self._command, self._seconds, self._patience, self._start = list(command), seconds, patience, start
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._errors = b""
        self._left = 0

    def make(self, job: Mapping[str, object]) -> bytes:
        """The PDF of a job. Raises PrintingError."""
        if not self._lock.acquire(timeout=self._patience):
            raise PrinterBusyError("another document is being made")
        try:
            return self._make(json.dumps(job).encode())
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process; the next job starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _make(self, job: bytes) -> bytes:
        if self._left <= 0 or self._process is None or self._process.poll() is not None:
            self._begin()
        self._left -= 1
        try:
            assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018  begun above
            self._process.stdin.write(struct.pack(">I", len(job)) + job)
            self._process.stdin.flush()
            is_made, content = self._answer(self._seconds)
        except (PrintingError, OSError) as error:
            self.close()
            raise error if isinstance(error, PrintingError) else PrintingError(str(error)) from error
        if not is_made:
            raise PrintingError(content.decode(errors="replace"))
        return content

    def _begin(self) -> None:
        self.close()
        self._folder = tempfile.TemporaryDirectory(prefix="aisle-pdf-", ignore_cleanup_errors=True)
        # Nothing of ours: no secret, no address, no font of the machine.
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": self._folder.name,
            "TMPDIR": self._folder.name,
            "FONTCONFIG_FILE": str(_FONTS),
        }
        self._process = subprocess.Popen(  # noqa: S603  a fixed command
            self._command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._left, self._errors = _JOBS_PER_PROCESS, b""
        try:
            self._answer(self._start)
        except PrintingError:
            self.close()
            raise

    def _answer(self, seconds: float) -> tuple[bool, bytes]:
        until = stopwatch.monotonic() + seconds
        is_made, length = struct.unpack(">?I", self._read(_HEAD, until, seconds))
        return is_made, self._read(length, until, seconds)

    def _read(self, count: int, until: float, seconds: float) -> bytes:
        assert self._process is not None and self._process.stdout and self._process.stderr  # noqa: S101, PT018
        out, err = self._process.stdout.fileno(), self._process.stderr.fileno()
        watched, read = [out, err], bytearray()
        while len(read) < count:
            ready = select.select(watched, [], [], max(0.0, until - stopwatch.monotonic()))[0]
            if not ready:
                raise PrintingError(f"it took longer than {seconds:g} seconds")
            if err in ready:
                said = os.read(err, _PIECE)
                self._errors = (self._errors + said)[-_STDERR_KEPT:]
                if not said:
                    watched.remove(err)
            if out in ready:
                piece = os.read(out, min(_PIECE, count - len(read)))
                if not piece:
                    raise PrintingError(f"the process ended: {self._last_words()}")
                read += piece
        return bytes(read)

    def _last_words(self) -> str:
        lines = self._errors.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"


PRINTER = Printer()
atexit.register(PRINTER.close)
