"""`make run` as a developer meets it: what it prints, what answers, and that nothing is left when it ends."""

import http.client
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.devtools import embedded_postgres, ports
from portal.devtools.demo_accounts import OWNERS, PASSWORD
from portal.devtools.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CHILDREN = {"emulator", "web", "worker"}


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A var/ of our own, which the tests of this file share: the demo data are loaded once."""
    with tempfile.TemporaryDirectory(prefix="aisle-run-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class Run:
    """One `make run`, up to the moment when it has printed its addresses."""

    def __init__(self, var: Path, port: int) -> None:
        self.var = var
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "STRIPE"))}
        environment |= {"VAR_DIR": str(var), "PORT": str(port)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        self.said = ""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.fail(self.said)
        self.children = {name: self._pid(name) for name in CHILDREN}
        self.supervisor = int((var / "run/supervisor.lock").read_text())

    def _pid(self, name: str) -> int:
        return int((self.var / f"run/{name}.pid").read_text().split()[0])

    def address(self, label: str) -> str:
        found = re.search(rf"{label} +http://([^/\s]+)(/\S*)", self.said)
        assert found, self.said
        return found[1] + found[2]

    def get(self, label: str) -> int:
        host, _, path = self.address(label).partition("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", f"/{path}")
        return connection.getresponse().status

    def end(self, number: int = signal.SIGTERM) -> str:
        """As Ctrl-C in a terminal does it: to everything in the foreground."""
        os.killpg(self.process.pid, number)
        return self.process.communicate()[0]

    def is_over(self) -> bool:
        server = self.var / "postgres/development/data/postmaster.pid"
        return not server.exists() and not any(is_alive(pid) for pid in self.children.values())


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def run(var: Path) -> Iterator[Run]:
    started = Run(var, ports.free_port())
    yield started
    if started.process.poll() is None:
        started.end()


def tenants(var: Path) -> list[str]:
    with embedded_postgres.start(embedded_postgres.DEVELOPMENT, durable=True, base=var / "postgres") as cluster:
        connection = psycopg2.connect(cluster.app_url("aisle"))
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE aisle_platform")
                cursor.execute("SELECT id::text FROM tenant ORDER BY 1")
                return [key for (key,) in cursor.fetchall()]
        finally:
            connection.close()


def test_it_says_where_everything_is(run: Run) -> None:
    for label in ("Front page", "Bella Weddings", "Hawthorn Barn", "Atelier Lumière", "Owner's login", "Mailbox"):
        assert run.get(label) == 200, label
    assert run.get("Stripe emulator") < 500
    assert OWNERS[0] in run.said
    assert PASSWORD in run.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_all_it_started(run: Run, number: int) -> None:
    assert not run.is_over()
    run.end(number)
    assert run.is_over()


def test_a_second_start_keeps_the_data_and_the_secrets(run: Run, var: Path) -> None:
    before = tenants(var), (var / "secret_key").read_text()
    run.end()
    again = Run(var, ports.free_port())
    assert "demo data" not in again.said
    assert (tenants(var), (var / "secret_key").read_text()) == before
    assert len(before[0]) == 3
    assert again.address("Stripe emulator") == run.address("Stripe emulator")
    again.end()


def test_what_a_kill_left_behind_is_ended_by_the_next_start(run: Run, var: Path) -> None:
    os.kill(run.supervisor, signal.SIGKILL)
    run.process.communicate()
    assert all(is_alive(pid) for pid in run.children.values())
    again = Run(var, ports.free_port())
    assert not any(is_alive(pid) for pid in run.children.values())
    again.end()
    assert again.is_over()


def test_a_port_that_is_taken_is_gone_round(var: Path) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        run = Run(var, taken)
        assert f"Port {taken} is taken" in run.said
        assert run.get("Front page") == 200
        run.end()


def test_a_second_one_says_where_the_first_is(run: Run) -> None:
    second = subprocess.run(
        ["make", "run"],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(run.var)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode != 0
    assert run.address("Front page") in second.stdout


def test_when_a_child_dies_it_is_named_and_everything_ends(run: Run) -> None:
    os.kill(run.children["worker"], signal.SIGKILL)
    output = run.process.communicate()[0]
    assert "worker was ended by SIGKILL" in output
    assert run.process.returncode != 0
    assert run.is_over()
