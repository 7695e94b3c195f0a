"""A Redis server of a test's own: started on a free port, in a directory of its own, ended by its process id.

Unless told otherwise every write reaches the append-only file before it is answered, so that a test may kill the
server and start it again on what it kept.
"""

import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import redis

from portal.devtools import paths, system_packages
from portal.devtools.ports import LOOPBACK, free_port

WAIT_SECONDS = 20
EVERY_WRITE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


class EmbeddedRedisError(Exception):
    """No Redis server is installed, or it does not start."""


@dataclass
class RedisServer:
    """Running from `start()` on. Use it as a context manager, or call `stop()`."""

    directory: Path
    port: int
    keeping: Sequence[str]
    _process: subprocess.Popen[bytes] | None = None
    _temporary: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> Self:
        """Start it, again after a `kill()` too: the same port, and the data it kept."""
        program = system_packages.redis_server()
        if program is None:
            raise EmbeddedRedisError("redis-server is not installed. Run: make setup-tests")
        log = self.directory / "redis.log"
        self._process = subprocess.Popen(
            [program, *self._options(log)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise EmbeddedRedisError(f"redis-server did not start:\n{paths.tail(log)}")
            time.sleep(0.02)
        return self

    def _options(self, log: Path) -> list[str]:
        where = ["--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.directory)]
        return [*where, *self.keeping, "--daemonize", "no", "--logfile", str(log)]

    def answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(*, keeping: Sequence[str] = EVERY_WRITE) -> RedisServer:
    """A new, empty server in a temporary directory that goes with it. Raises EmbeddedRedisError."""
    temporary = tempfile.TemporaryDirectory(prefix="aisle-redis-")
    return RedisServer(Path(temporary.name), free_port(), keeping, _temporary=temporary).start()
