"""The embedded PostgreSQL: the roles of production on every version, and a life that survives kills."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from portal.devtools import embedded_postgres, postgres_home, postgres_server
from portal.devtools.paths import ROOT
from portal.devtools.postgres_binaries import Binaries, copy_for_others, find, installed
from portal.devtools.postgres_server import EmbeddedPostgresError

VERSIONS = {item.major: item for item in reversed(installed())}
CHILD = """
import sys, pathlib
from portal.devtools import embedded_postgres
cluster = embedded_postgres.start("c", durable=True, base=pathlib.Path(sys.argv[1]))
print(cluster.server.running()[0], cluster.port, flush=True)
if sys.argv[2] == "stop":
    cluster.stop()
sys.stdin.read()
"""


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory that the server's own system user may enter, which pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="aisle-pg-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        for home in Path(name).glob("*/data"):
            postgres_server.open_server(home.parent, durable=True).stop()


def child(base: Path, then: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(base), then]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)


def first_line(process: subprocess.Popen[str]) -> tuple[int, int]:
    assert process.stdout
    pid, port = process.stdout.readline().split()
    return int(pid), int(port)


def query(url: str, *statements: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.mark.parametrize("major", sorted(VERSIONS))
def test_every_version_gives_the_roles_of_production(base: Path, major: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "find", lambda _: VERSIONS[major])
    with embedded_postgres.start("c", durable=False, base=base) as cluster:
        cluster.create_database("shop")
        owner, app = cluster.owner_url("shop"), cluster.app_url("shop")
        assert query(owner, "SELECT current_setting('server_version_num')::int / 10000") == [(major,)]
        flags = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert query(owner, flags) == query(app, flags) == [(False, False)]
        assert query(app, "SELECT lower('É')") == [("é",)]

        query(
            owner,
            "CREATE TABLE thing (id int)",
            "ALTER TABLE thing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            "CREATE POLICY platform ON thing TO aisle_platform USING (true) WITH CHECK (true)",
            "GRANT SELECT, INSERT ON thing TO aisle_app, aisle_platform",
            "CREATE FUNCTION f() RETURNS int8 LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM thing'",
            "GRANT CREATE ON SCHEMA public TO aisle_platform",
            "ALTER FUNCTION f() OWNER TO aisle_platform",
        )
        query(app, "SET LOCAL ROLE aisle_platform", "INSERT INTO thing VALUES (1)")
        assert query(app, "SELECT * FROM thing") == []
        assert query(app, "SELECT f()") == [(1,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(app, "INSERT INTO thing VALUES (2)")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(app, "CREATE TABLE other (id int)")


def test_nobody_gets_in_without_the_password(base: Path) -> None:
    with embedded_postgres.start("c", durable=False, base=base) as cluster:
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(cluster.superuser_url.replace(cluster.passwords.superuser, "guess"))
        assert (cluster.server.home / "passwords.json").stat().st_mode & 0o077 == 0


def test_a_killed_parent_leaves_a_server_that_the_next_start_finds(base: Path) -> None:
    parent = child(base, "wait")
    pid, port = first_line(parent)
    parent.kill()
    parent.communicate()
    cluster = embedded_postgres.start("c", durable=True, base=base)
    assert cluster.server.running() == (pid, port)
    cluster.stop()
    assert cluster.server.running() is None


def test_processes_that_start_at_once_share_one_server(base: Path) -> None:
    children = [child(base, "wait") for _ in range(3)]
    with ThreadPoolExecutor() as threads:
        seen = set(threads.map(first_line, children))
    assert len(seen) == 1
    for process in children:
        process.kill()
        process.communicate()


def test_the_server_ends_when_its_last_user_stops(base: Path) -> None:
    cluster = embedded_postgres.start("c", durable=True, base=base)
    other = child(base, "stop")
    pid, _ = first_line(other)
    other.communicate()
    assert cluster.server.running() == (pid, cluster.port)
    cluster.stop()
    cluster.stop()
    assert cluster.server.running() is None


def test_a_durable_cluster_keeps_its_data_and_port_through_a_kill(base: Path) -> None:
    cluster = embedded_postgres.start("c", durable=True, base=base)
    cluster.create_database("shop")
    query(cluster.owner_url("shop"), "CREATE TABLE thing AS SELECT 7 AS id")
    pid, port = cluster.server.running() or (0, 0)
    os.kill(pid, signal.SIGKILL)
    with embedded_postgres.start("c", durable=True, base=base) as again:
        assert again.server.running() != (pid, port)
        assert query(again.owner_url("shop"), "SELECT id FROM thing") == [(7,)]


def test_a_throwaway_cluster_forgets_what_killed_runs_left_but_keeps_templates(base: Path) -> None:
    def build(owner_url: str, _app_url: str) -> None:
        query(owner_url, "CREATE TABLE thing AS SELECT 7 AS id")

    with embedded_postgres.start("c", durable=False, base=base) as cluster:
        cluster.ensure_template("aisle_template_1", build)
        cluster.clone("aisle_template_1", "left_over")
        assert query(cluster.owner_url("left_over"), "SELECT id FROM thing") == [(7,)]
        with embedded_postgres.start("c", durable=False, base=base) as second:
            assert second.databases() == ["aisle_template_1", "left_over"]
    with embedded_postgres.start("c", durable=False, base=base) as cluster:
        assert cluster.databases() == ["aisle_template_1"]
        cluster.ensure_template("aisle_template_1", lambda *_: pytest.fail("it is there already"))


def test_a_broken_cluster_is_made_again_when_it_may_be_thrown_away(base: Path) -> None:
    for durable in (True, False):
        name = f"c{durable}"
        with embedded_postgres.start(name, durable=durable, base=base) as cluster:
            broken = cluster.server.data / "global" / "pg_control"
        broken.write_bytes(b"torn")
    with pytest.raises(EmbeddedPostgresError, match="pg_ctl failed"):
        embedded_postgres.start("cTrue", durable=True, base=base)
    with embedded_postgres.start("cFalse", durable=False, base=base) as cluster:
        assert cluster.databases() == []


def test_an_interrupted_first_start_is_begun_again(base: Path) -> None:
    server = postgres_server.open_server(base / "c", durable=True)
    server.make("a password that nobody stored")
    with embedded_postgres.start("c", durable=True, base=base) as cluster:
        assert cluster.databases() == []


def test_a_stale_pid_file_of_another_process_does_not_stop_a_start(base: Path) -> None:
    with embedded_postgres.start("c", durable=True, base=base) as cluster:
        pid_file = cluster.server.data / "postmaster.pid"
        content = pid_file.read_text().split("\n", 1)[1]
    pid_file.write_text(f"{os.getpid()}\n{content}")
    with embedded_postgres.start("c", durable=True, base=base) as cluster:
        assert cluster.databases() == []


def test_a_server_that_is_seen_while_it_dies_is_not_waited_for(base: Path) -> None:
    with embedded_postgres.start("c", durable=True, base=base) as cluster:
        pid_file = cluster.server.data / "postmaster.pid"
        content = pid_file.read_text().split("\n", 1)[1]
    with subprocess.Popen(["postgres", "1"], executable="/bin/sleep") as dying:
        pid_file.write_text(f"{dying.pid}\n{content}")
        with embedded_postgres.start("c", durable=True, base=base) as cluster:
            assert cluster.databases() == []
            assert (cluster.server.running() or (dying.pid,))[0] != dying.pid


def test_below_a_closed_directory_the_data_goes_where_the_server_may_go(base: Path) -> None:
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    home = postgres_home.base_directory(closed)
    try:
        if os.geteuid() == 0:
            assert home.is_relative_to("/var/lib")
            assert (closed / "postgres").resolve() == home
        else:
            assert home == closed / "postgres"
        with embedded_postgres.start("c", durable=True, base=home) as cluster:
            cluster.create_database("shop")
        assert postgres_home.base_directory(closed) == home
        with embedded_postgres.start("c", durable=True, base=home) as cluster:
            assert cluster.databases() == ["shop"]
    finally:
        shutil.rmtree(home)


def test_the_wheels_programs_run_from_a_copy(base: Path) -> None:
    wheel = next(item for item in installed() if item.movable)
    copy = copy_for_others(wheel, base / "programs")
    assert copy.bin.is_relative_to(base)
    done = postgres_home.server_user().run([copy.program("initdb"), "--version"], base)
    assert (done.returncode, str(wheel.major) in done.stdout) == (0, True)


def test_a_data_directory_is_run_by_its_own_version(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = VERSIONS[min(VERSIONS)]
    with monkeypatch.context() as patch:
        patch.setattr(postgres_server, "find", lambda _: oldest)
        embedded_postgres.start("c", durable=True, base=base).stop()
    newer = Binaries(VERSIONS[max(VERSIONS)].bin, max(VERSIONS))
    monkeypatch.setattr("portal.devtools.postgres_binaries._local", lambda: [newer, oldest])
    assert find().major == newer.major
    with embedded_postgres.start("c", durable=True, base=base) as cluster:
        assert cluster.server.programs().major == oldest.major
