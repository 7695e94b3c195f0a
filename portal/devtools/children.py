"""Child processes of `make run`: each with a log file, a pid file and a process group of its own.

A pid file names the process and the moment it began, so that a child left by a killed supervisor is found and
ended, and never another process that got the same id.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.devtools import paths

GRACE_SECONDS = 10
LARGEST_LOG = 5_000_000


class ChildDiedError(Exception):
    """A child ended by itself; the text says which, how, and what it said last."""


@dataclass
class Child:
    """One program. Create it, then `start()`."""

    name: str
    command: list[str]
    environment: dict[str, str]
    _process: subprocess.Popen[bytes] | None = None
    _shown: int = field(default=0, repr=False)

    @property
    def log(self) -> Path:
        return _folder("log") / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return _folder("run") / f"{self.name}.pid"

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as sink:
            self._shown = sink.tell()
            self._process = subprocess.Popen(
                self.command,
                cwd=paths.ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid_file.write_text(f"{self._process.pid} {_began(self._process.pid)}")

    def news(self) -> list[str]:
        """Complete lines written since the last call."""
        with self.log.open("rb") as log:
            log.seek(self._shown)
            written = log.read()
        complete = written[: written.rfind(b"\n") + 1]
        self._shown += len(complete)
        return complete.decode(errors="replace").splitlines()

    def check(self) -> None:
        """Raises ChildDiedError when it no longer runs."""
        if self._process and self._process.poll() is not None:
            code = self._process.returncode
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            raise ChildDiedError(f"{self.name} {how}. It said last:\n\n{paths.tail(self.log)}")

    def ask_to_end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until the deadline (of `time.monotonic`); then it and all it started are killed."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.pid_file.unlink(missing_ok=True)


def end_all(children: list[Child]) -> None:
    """All at once, so that the slowest decides how long it takes."""
    deadline = time.monotonic() + GRACE_SECONDS
    for child in reversed(children):
        child.ask_to_end()
    for child in reversed(children):
        child.end(deadline)


def end_leftovers() -> list[str]:
    """End what a killed supervisor left running; the names of what was still there."""
    ended = []
    for pid_file in sorted(_folder("run").glob("*.pid")):
        pid, _, began = pid_file.read_text().partition(" ")
        if pid.isdigit() and began and _began(int(pid)) == began:
            _end_group(int(pid))
            ended.append(pid_file.stem)
        pid_file.unlink()
    return ended


def _end_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while _began(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _began(pid: int) -> str:
    """When a live process began, in the words of the system; empty for one that is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            state, *fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if state == "Z" else fields[18]
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()


def _folder(name: str) -> Path:
    folder = paths.var_dir() / name
    folder.mkdir(exist_ok=True)
    return folder
