"""A running site for tests: gunicorn, a worker and a Stripe emulator on free ports of loopback, as in production.

It works on a database of its own, because its worker carries out whatever is owed there. Everything is ended by its
process group; web and worker can also be killed and started again, with a failpoint or a shifted clock.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar
from urllib.request import urlopen

from portal.devtools.embedded_postgres import Cluster
from portal.devtools.embedded_redis import RedisServer
from portal.devtools.paths import ROOT, tail
from portal.devtools.ports import LOOPBACK, free_port
from portal.devtools.stripe_emulator import StripeEmulator
from tests.support import databases

SECRET = "whsec_site"
PATIENCE_SECONDS = 60
_Found = TypeVar("_Found")
# Failed effects are tried again soon, and the sweeper finds what no bell rang for.
_IMPATIENT = {"PACE_FIRST_DELAY": "0.2", "PACE_LONGEST_DELAY": "1", "PACE_REST": "1", "PACE_SWEEP_EVERY": "1"}


def eventually(look: Callable[[], _Found], what: str = "it") -> _Found:
    """Ask again and again until the answer is something."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert monotonic() < deadline, f"{what} did not come to pass"
        sleep(0.05)
    return found


@dataclass
class Program:
    """A process of the site, with a log file."""

    command: list[str]
    log: Path
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self, environment: Mapping[str, str]) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """As a deployment does: finish what is going on."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(40)
        self.kill()

    def kill(self) -> None:
        """As a power cut does."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


@dataclass
class Site:
    """Where it is, and what it is made of."""

    url: str
    stripe: StripeEmulator
    database_url: str
    owner_url: str
    var_dir: Path
    environment: dict[str, str]
    web: Program
    worker: Program

    @property
    def mail(self) -> Path:
        """The folder that mails are delivered to."""
        return self.var_dir / "mail"

    def start_web(self, **changes: str) -> None:
        """Start the web; returns when it answers."""
        self.web.start(self.environment | changes)
        eventually(self._answers, "the web's answer")

    def start_worker(self, **changes: str) -> None:
        """Start the worker; returns when it is listening."""
        seen = self.worker.log.read_text().count("worker started") if self.worker.log.exists() else 0
        self.worker.start(self.environment | changes)
        eventually(lambda: self._is_listening(seen), "the worker's start")

    def _answers(self) -> bool:
        assert not self.web.has_ended, tail(self.web.log)
        try:
            urlopen(f"{self.url}/health", timeout=10).close()  # noqa: S310  our own server
        except OSError:
            return False
        return True

    def _is_listening(self, seen: int) -> bool:
        assert not self.worker.has_ended, tail(self.worker.log)
        return self.worker.log.read_text().count("worker started") > seen


@contextmanager
def running(
    cluster: Cluster, environment: Mapping[str, str], var_dir: Path, *, redis: RedisServer | None = None
) -> Iterator[Site]:
    """A site from nothing; its queue is in Redis where one is given, else in PostgreSQL."""
    with ExitStack() as ending:
        name = ending.enter_context(databases.cloned(cluster))
        stripe = ending.enter_context(StripeEmulator())
        port = free_port()
        ours = {
            **environment,
            **_IMPATIENT,
            "BASE_URL": f"http://localhost:{port}",
            "DATABASE_URL": cluster.app_url(name),
            "DATABASE_OWNER_URL": cluster.owner_url(name),
            "REDIS_URL": redis.url if redis else "",
            "STRIPE_API_BASE": stripe.base_url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "VAR_DIR": str(var_dir),
            "WEB_CONCURRENCY": "1",
        }
        options = ["--config", "python:portal.gunicorn", "--bind", f"{LOOPBACK}:{port}"]
        site = Site(
            url=f"http://localhost:{port}",
            stripe=stripe,
            database_url=ours["DATABASE_URL"],
            owner_url=ours["DATABASE_OWNER_URL"],
            var_dir=var_dir,
            environment=ours,
            web=Program([sys.executable, "-m", "gunicorn", "app:app", *options], var_dir / "web.log"),
            worker=Program([sys.executable, "-m", "tasks.worker"], var_dir / "worker.log"),
        )
        stripe.add_endpoint(f"http://{LOOPBACK}:{port}/v1/webhooks/stripe", SECRET)
        ending.callback(site.worker.stop)
        ending.callback(site.web.stop)
        site.start_web()
        site.start_worker()
        yield site
