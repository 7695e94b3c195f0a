"""Where an embedded server keeps its data, and as whom it runs.

PostgreSQL refuses to run as root. Started by root it gets a system user of its own, and that user must be
able to reach the data: where the checkout lies below a directory closed to others (such as root's home),
`var/postgres` becomes a link to a directory in /var/lib. An ordinary user runs the server as himself, in
`var/postgres`.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.devtools import paths
from portal.devtools.postgres_binaries import Binaries, copy_for_others

OWN_USER = "aisle-pg"
EXISTING_USER = "postgres"


@dataclass(frozen=True)
class ServerUser:
    """Runs PostgreSQL's programs: as another system user when we are root, else as ourselves."""

    account: pwd.struct_passwd | None

    def run(self, command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
        """Output goes to a file: the server that `pg_ctl` leaves running would keep a pipe open."""
        keep = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
        out = cwd / "command.log"
        options: dict[str, Any] = {"start_new_session": True}  # a Ctrl-C is for us alone
        if self.account:
            options |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        with out.open("w") as sink:
            done = subprocess.run(
                command,
                cwd=cwd,
                env={**keep, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **options,
            )
        return subprocess.CompletedProcess(command, done.returncode, out.read_text(errors="replace"), "")

    def own(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def server_user() -> ServerUser:
    if os.geteuid() != 0:
        return ServerUser(None)
    for name in (EXISTING_USER, OWN_USER):
        with suppress(KeyError):
            return ServerUser(pwd.getpwnam(name))
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER], check=True)
    return ServerUser(pwd.getpwnam(OWN_USER))


def open_to_others(path: Path) -> bool:
    """Whether any user may walk down to this directory."""
    path = path.resolve()
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def base_directory(var: Path | None = None) -> Path:
    """The directory of all clusters of this checkout."""
    var = var or paths.var_dir()
    link = var / "postgres"
    if os.geteuid() != 0 or open_to_others(var):
        link.mkdir(exist_ok=True)
        return link
    target = Path("/var/lib") / f"aisle-{hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]}"
    if not link.is_symlink():
        # The link went with an earlier checkout at this path, and so did its secrets: its data goes too.
        _discard(target)
        target.mkdir(mode=0o755)
        link.symlink_to(target)
    return target


def _discard(base: Path) -> None:
    for pid_file in base.glob("*/data/postmaster.pid"):
        with suppress(ValueError, ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(base, ignore_errors=True)


def reachable(binaries: Binaries, base: Path) -> Binaries:
    """The programs as the server's user can start them."""
    if os.geteuid() != 0 or open_to_others(binaries.bin):
        return binaries
    return copy_for_others(binaries, base / f"programs-{binaries.major}")
