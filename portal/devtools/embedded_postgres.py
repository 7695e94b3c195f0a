"""An embedded PostgreSQL: `start(name, durable=...)` gives a running cluster with the product's three roles
in it.

Owns who may use a cluster and for how long: it is started at most once however many processes ask, and ends
when the last of them stops. It listens on 127.0.0.1 with passwords of its own, so that no other user of the
machine gets in. The superuser makes roles and nothing else; every database belongs to `aisle_owner`.
"""

import fcntl
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Self

import psycopg2
from psycopg2 import sql

from portal.devtools.postgres_home import base_directory
from portal.devtools.postgres_roles import ensure_roles
from portal.devtools.postgres_server import EmbeddedPostgresError, Server, open_server

DEVELOPMENT, TESTS = "development", "tests"
KEPT_PREFIX = "aisle_template"


@dataclass(frozen=True)
class Passwords:
    superuser: str
    owner: str
    app: str


@dataclass
class Cluster:
    """A running server, used by this process until `stop()`."""

    server: Server
    port: int
    passwords: Passwords
    in_use: TextIOWrapper

    def owner_url(self, database: str) -> str:
        """For migrations: owns the databases, is no superuser and does not bypass row security."""
        return _url("aisle_owner", self.passwords.owner, self.port, database)

    def app_url(self, database: str) -> str:
        """For web and worker."""
        return _url("aisle_app", self.passwords.app, self.port, database)

    @property
    def superuser_url(self) -> str:
        """For nothing but roles and looking around; the product never connects as this one."""
        return _superuser_url(self.passwords, self.port)

    def databases(self) -> list[str]:
        with self._owner() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'aisle_owner' ORDER BY 1")
            return [name for (name,) in cursor.fetchall()]

    def create_database(self, database: str) -> None:
        """An empty database; one that is there already is left as it is."""
        with self._owner() as cursor:
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                return

    def drop_database(self, database: str) -> None:
        """Also while somebody is connected to it."""
        with self._owner() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def clone(self, template: str, database: str) -> None:
        """A copy of a database that nobody is connected to: far quicker than migrating again."""
        names = sql.Identifier(database), sql.Identifier(template)
        with self._owner() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def ensure_template(self, template: str, build: Callable[[str, str], None]) -> None:
        """Build a database once, whoever asks first: `build(owner_url, app_url)` fills and leaves it.

        The name begins with `aisle_template` and says what the content depends on, such as a hash of the
        migrations. `build` closes its connections.
        """
        if not template.startswith(KEPT_PREFIX):
            raise ValueError(f"a template's name begins with {KEPT_PREFIX}")
        with _locked(self.server.home / "template.lock"):
            if template in self.databases():
                return
            unfinished = f"unfinished_{template}"
            self.drop_database(unfinished)
            self.create_database(unfinished)
            build(self.owner_url(unfinished), self.app_url(unfinished))
            names = sql.Identifier(unfinished), sql.Identifier(template)
            with self._owner() as cursor:
                cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))

    def stop(self) -> None:
        """Give the server up; it ends when no other process uses it. Safe to call twice."""
        if self.in_use.closed:
            return
        with _locked(self.server.home / "start.lock"):
            if _only_user(self.in_use):
                self.server.stop()
            self.in_use.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def _owner(self) -> Iterator[psycopg2.extensions.cursor]:
        connection = psycopg2.connect(self.owner_url("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def start(name: str, *, durable: bool, base: Path | None = None) -> Cluster:
    """The cluster of this name, running. Not durable: quick, and emptied of leftovers by its first user.

    Raises PostgresMissing or EmbeddedPostgresError, both with a text that says what to do.
    """
    server = open_server((base or base_directory()) / name, durable=durable)
    with _locked(server.home / "start.lock"):
        passwords, port = _running(server)
        ensure_roles(_superuser_url(passwords, port), owner_password=passwords.owner, app_password=passwords.app)
        in_use = (server.home / "users.lock").open("w")
        cluster = Cluster(server, port, passwords, in_use)
        if not durable and _only_user(in_use):
            _drop_leftovers(cluster)
        fcntl.flock(in_use, fcntl.LOCK_SH)
    return cluster


def _running(server: Server) -> tuple[Passwords, int]:
    """The started server. A cluster that may be thrown away is, when it no longer starts."""
    passwords = _passwords(server)
    try:
        return passwords, server.start(lambda port: _superuser_url(passwords, port))
    except EmbeddedPostgresError:
        if server.durable:
            raise
    server.discard()
    passwords = _passwords(server)
    return passwords, server.start(lambda port: _superuser_url(passwords, port))


def _superuser_url(passwords: Passwords, port: int) -> str:
    return _url("postgres", passwords.superuser, port, "postgres")


def _drop_leftovers(cluster: Cluster) -> None:
    """What runs that were killed left behind."""
    for database in cluster.databases():
        if not database.startswith(KEPT_PREFIX):
            cluster.drop_database(database)


def _passwords(server: Server) -> Passwords:
    """The stored ones; with the cluster itself, new where it was never finished."""
    store = server.home / "passwords.json"
    if store.exists() and server.is_made():
        return Passwords(**json.loads(store.read_text()))
    server.discard()
    made = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
    server.make(made.superuser)
    store.touch(mode=0o600)
    store.write_text(json.dumps(asdict(made)))
    return made


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def _only_user(in_use: TextIOWrapper) -> bool:
    """Whether no other process holds the cluster. The start lock is held, so nobody arrives meanwhile."""
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Held by one process at a time, and released by the system when that one is killed."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
