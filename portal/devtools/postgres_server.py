"""The life of one embedded server process: made with initdb, started, found again, ended.

Callers hold the cluster's start lock, so that two of them never start it at once. Decisions rest on
PostgreSQL's own pid file and on whether the server answers, never on who started it: a parent may be killed
at any moment.
"""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from portal.devtools import paths
from portal.devtools.ports import free_port, is_free
from portal.devtools.postgres_binaries import Binaries, find
from portal.devtools.postgres_home import ServerUser, reachable, server_user

WAIT_SECONDS = 60
_PAUSE_SECONDS = 0.1
# What PostgreSQL says while processes of a killed server have not noticed yet.
_STILL_THERE = "pre-existing shared memory block"
COMMON_SETTINGS = (
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    "max_connections = 300",
    "shared_buffers = '128MB'",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "lc_messages = 'C'",
)
# For a cluster that may be thrown away: a power cut can cost it everything.
FAST_SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = '4GB'")


class EmbeddedPostgresError(Exception):
    """The server cannot be made or started; the text carries the end of its log."""


class _Gone(Exception):
    """A server that was killed ended, or its processes are about to: the next look finds another state."""


@dataclass(frozen=True)
class Server:
    """One cluster's directory: `data/` (PostgreSQL's own), `server.log`, and what the caller keeps."""

    home: Path
    user: ServerUser
    durable: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def programs(self) -> Binaries:
        version = self.data / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        return reachable(find(major), self.home.parent)

    def is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def make(self, superuser_password: str) -> None:
        """A new, empty cluster. Locale: Unicode letters, but the same order of text on every machine."""
        programs = self.programs()
        locale = ["--locale=C.UTF-8"]
        if programs.major >= 17:  # noqa: PLR2004 - the release that brought a locale of PostgreSQL's own
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        password_file = self.home / "initdb.password"
        password_file.touch(mode=0o600)
        password_file.write_text(superuser_password)
        self.user.own(password_file)
        try:
            self._run(
                [
                    programs.program("initdb"),
                    "-D",
                    str(self.data),
                    "--username=postgres",
                    "--encoding=UTF8",
                    *locale,
                    "--auth=scram-sha-256",
                    f"--pwfile={password_file}",
                    *([] if self.durable else ["--no-sync"]),
                ]
            )
        finally:
            password_file.unlink()
        settings = [*COMMON_SETTINGS, *(() if self.durable else FAST_SETTINGS)]
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\n" + "\n".join(settings) + "\n")

    def discard(self) -> None:
        """Remove what an interrupted `make` left, so that it can be made again."""
        shutil.rmtree(self.data, ignore_errors=True)

    def running(self) -> tuple[int, int] | None:
        """Process id and port of this directory's live postmaster, else None. Clears a stale pid file."""
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        if _is_postgres(pid):
            return pid, port
        pid_file.unlink(missing_ok=True)  # PostgreSQL would take any process with a recycled id for a server
        return None

    def start(self, url_for_port: Callable[[int], str]) -> int:
        """Make sure the server runs and answers; the port it listens on.

        One that was killed a moment ago is still there to see, and never answers: it is waited for until it is gone.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                found = self.running()
                port = found[1] if found else self._launch()
                self._wait_until_it_answers(url_for_port(port), deadline)
            except _Gone as error:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(f"{error}\n{paths.tail(self.log)}") from error
                time.sleep(_PAUSE_SECONDS)
            else:
                return port

    def _launch(self) -> int:
        port = self._free_port()
        (self.home / "port").write_text(str(port))
        command = [self.programs().program("pg_ctl"), "start", "-D", str(self.data), "-l", str(self.log)]
        try:
            self._run([*command, "-w", "-t", str(WAIT_SECONDS), "-o", f"-p {port}"])
        except EmbeddedPostgresError as error:
            if _STILL_THERE in paths.tail(self.log):
                raise _Gone(str(error)) from error
            raise
        return port

    def stop(self) -> None:
        if self.running():
            self._run(
                [
                    self.programs().program("pg_ctl"),
                    "stop",
                    "-D",
                    str(self.data),
                    "-m",
                    "fast",
                    "-w",
                    "-t",
                    "30",
                ]
            )

    def _free_port(self) -> int:
        """The port of last time where it is free: addresses that somebody noted down stay right."""
        remembered = self.home / "port"
        if remembered.exists() and is_free(int(remembered.read_text())):
            return int(remembered.read_text())
        return free_port()

    def _run(self, command: list[str]) -> None:
        done = self.user.run(command, self.home)
        if done.returncode:
            raise EmbeddedPostgresError(f"{Path(command[0]).name} failed:\n{done.stdout}\n{paths.tail(self.log)}")

    def _wait_until_it_answers(self, url: str, deadline: float) -> None:
        while True:
            try:
                psycopg2.connect(url, connect_timeout=5).close()
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(f"{error}\n{paths.tail(self.log)}") from error
                if self.running() is None:
                    raise _Gone(str(error)) from error
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def _is_postgres(pid: int) -> bool:
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        return program.endswith((b"postgres", b"postmaster"))
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def open_server(home: Path, *, durable: bool) -> Server:
    """The server of this directory, which is made when missing and belongs to who runs PostgreSQL."""
    user = server_user()
    if not home.exists():
        home.mkdir(mode=0o755)
        user.own(home)
    return Server(home, user, durable)
