"""`make run`: database, Stripe emulator, demo data, web and worker together, until Ctrl-C.

Owns the order of things and the end of them: whatever ends this (Ctrl-C, SIGTERM, a closed terminal, a child that
died) ends everything it started, and what a kill -9 left behind is ended by the next start. A second one in the
same checkout says where the first one is.
"""

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portal.db.migrate import MigrationError
from portal.devtools import pango, paths
from portal.devtools.children import Child, ChildDiedError, end_all, end_leftovers
from portal.devtools.development import Ports, services, uses_emulator
from portal.devtools.ports import LOOPBACK
from portal.devtools.postgres_binaries import PostgresMissing
from portal.devtools.postgres_server import EmbeddedPostgresError
from portal.devtools.welcome import has_tenants, welcome

START_SECONDS = 90


class AlreadyRunningError(Exception):
    """Another `make run` of this checkout is at work."""


class Ended(BaseException):
    """The developer asked for the end; not an error, and nothing catches it on the way."""


class Ending:
    """Turns the first signal into `Ended`, at a moment when everything that runs is known."""

    def __init__(self) -> None:
        self.requested = False
        self._armed = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def arm(self) -> None:
        self._armed = True
        if self.requested:
            self._raise()

    def _on_signal(self, *_: object) -> None:
        self.requested = True
        if self._armed:
            self._raise()

    def _raise(self) -> None:
        self._armed = False  # a second Ctrl-C must not interrupt the clearing up
        raise Ended


def main() -> int:
    ending = Ending()
    try:
        with _the_only_one():
            _run(ending)
    except Ended:
        return 0
    except AlreadyRunningError as error:
        _say(str(error))
    except (ChildDiedError, EmbeddedPostgresError, PostgresMissing, MigrationError) as error:
        if ending.requested:
            return 0
        _say(f"\n{error}\n\nLogs: {paths.var_dir() / 'log'}")
    return 1


def _run(ending: Ending) -> None:
    for name in end_leftovers():
        _say(f"Ended the {name} that an earlier run left behind.")
    ports = Ports.choose()
    if ports.web != Ports.wanted():
        _say(f"Port {Ports.wanted()} is taken; the site is on {ports.web}.")
    _say("Starting the database ...")
    with services(ports) as environment:
        children: list[Child] = []
        try:
            ending.arm()
            _start_all(children, environment, ports)
            _say(welcome(environment, ports))
            if pango.library() is None:
                _say(pango.HINT)
            _watch(children)
        finally:
            _say("\nEnding ...")
            end_all(children)


def _start_all(children: list[Child], environment: dict[str, str], ports: Ports) -> None:
    if uses_emulator():
        children.append(_emulator(environment, ports))
        children[-1].start()
        _wait_for_answer(children[-1], ports.emulator)
    if not has_tenants(environment["DATABASE_URL"]):
        _say("Loading the demo data ...")
        _flask("demo", "load", environment=environment)
    _say("Starting web and worker ...")
    for child in (_web(environment, ports), Child("worker", [sys.executable, "-m", "tasks.worker"], environment)):
        children.append(child)
        child.start()
    _wait_for_answer(children[-2], ports.web)


def _emulator(environment: dict[str, str], ports: Ports) -> Child:
    program = [sys.executable, "-m", "portal.devtools.stripe_emulator"]
    options = ["--port", str(ports.emulator), "--state", str(paths.var_dir() / "stripe")]
    secrets = environment["STRIPE_WEBHOOK_SECRET"].split(",")
    for prefix, secret in (("", secrets[0]), ("connect-", secrets[-1])):
        options += [f"--{prefix}webhook-url", f"http://{LOOPBACK}:{ports.web}/v1/webhooks/stripe"]
        options += [f"--{prefix}webhook-secret", secret]
    return Child("emulator", [*program, *options], environment)


def _web(environment: dict[str, str], ports: Ports) -> Child:
    """One process, which starts again when code changes; the rest as in production."""
    gunicorn = [sys.executable, "-m", "gunicorn", "app:app", "--config", "python:portal.gunicorn"]
    options = ["--bind", f"{LOOPBACK}:{ports.web}", "--workers", "1", "--reload", "--graceful-timeout", "5"]
    return Child("web", [*gunicorn, *options], environment)


def _flask(*command: str, environment: dict[str, str]) -> None:
    flask = [sys.executable, "-m", "flask", "--app", "app", *command]
    done = subprocess.run(
        flask, cwd=paths.ROOT, env=environment, capture_output=True, text=True, check=False, start_new_session=True
    )
    if done.returncode:
        raise ChildDiedError(f"flask {' '.join(command)} failed:\n\n{done.stdout}{done.stderr}")


def _wait_for_answer(child: Child, port: int) -> None:
    """Until it answers over HTTP, whatever it says."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        child.check()
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
        try:
            connection.request("GET", "/health")
            connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                raise ChildDiedError(f"{child.name} does not answer.\n\n{paths.tail(child.log)}") from error
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()


def _watch(children: list[Child]) -> None:
    """Show what the children say, until one of them dies."""
    while True:
        for child in children:
            for line in child.news():
                _say(f"{child.name:>8} | {line}")
            child.check()
        time.sleep(0.2)


@contextmanager
def _the_only_one() -> Iterator[None]:
    """Held as long as this process lives, however it ends."""
    folder = paths.var_dir() / "run"
    folder.mkdir(exist_ok=True)
    with (folder / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            where = f"http://localhost:{Ports.stored().web}/"
            raise AlreadyRunningError(
                f"Already running in this checkout: {where} (process {lock.read().strip()})."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _say(text: str) -> None:
    with suppress(OSError):  # a closed terminal must not keep the children from being ended
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
