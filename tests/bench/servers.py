"""gunicorn with the product's own configuration, on a free port of loopback; ended by its process group."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    pid: int
    seconds_to_first_answer: float

    def worker_megabytes(self) -> float:
        """Resident memory of its largest worker process."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_resident(int(child)) for child in children) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(target: str, environment: Mapping[str, str], *, port: int, path: str, log: Path) -> Iterator[Server]:
    """Serve ``module:app`` until the block ends."""
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn", "--bind", f"127.0.0.1:{port}"]
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, target], cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        _until_it_answers(url + path, process, log)
        yield Server(url, process.pid, time.monotonic() - started)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1500):
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except (OSError, urllib.error.URLError):
            if process.poll() is not None:
                raise RuntimeError(log.read_text()) from None
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{url} does not answer: {log.read_text()}")


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
