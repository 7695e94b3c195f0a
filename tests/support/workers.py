"""The worker as a process of its own, which a test can stop, kill and pause."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from portal.devtools.paths import ROOT, tail

PATIENCE_SECONDS = 60


def eventually(look: Callable[[], object], what: str, *, within: float = PATIENCE_SECONDS) -> None:
    """Ask again and again until the answer is yes."""
    deadline = monotonic() + within
    while not look():
        assert monotonic() < deadline, f"{what} did not come to pass"
        sleep(0.05)


@dataclass
class Worker:
    """``python -m tasks.worker`` with a log file."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""
        return self.process.poll()

    def says(self, words: str) -> bool:
        """Whether its log holds these words."""
        return words in self.log.read_text()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """As a power cut does."""
        if self.exit_code is None:
            self.tell(signal.SIGKILL)
        self.process.wait()


def start(environment: Mapping[str, str], log: Path, *, module: str = "tasks.worker") -> Worker:
    """A worker that listens, or has ended already; ``module`` begins it in another way than the product does."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    worker = Worker(process, log)
    eventually(lambda: worker.exit_code is not None or worker.says("worker started"), f"a start: {tail(log)}")
    return worker
