"""Migrations: plain SQL files, each applied once, in order, in a transaction of its own.

Refuses a file that was edited after it was applied, and a database that is ahead of the code. An advisory lock lets
several starters race. The roles that the first migration speaks of are made here, because their login and password
come from ``DATABASE_URL``.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812  a class, whatever psycopg2 calls it
from psycopg2.extensions import parse_dsn

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
APP_ROLE = "aisle_app"
PLATFORM_ROLE = "aisle_platform"
_LOCK = 0x4149534C45  # "AISLE"


class MigrationError(Exception):
    """The database and the migration files do not belong together."""


@dataclass(frozen=True)
class Migration:
    """One SQL file."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The fingerprint recorded when it was applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """All migration files in order."""
    return [Migration(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))]


def migrate(owner_url: str, app_url: str, *, folder: Path = MIGRATIONS) -> list[str]:
    """Bring a database up to the code; the names of what was applied. Raises MigrationError."""
    connection = psycopg2.connect(owner_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            _ensure_roles(connection, app_url)
            return _apply(connection, load(folder))
    finally:
        connection.close()


def pending(url: str, *, folder: Path = MIGRATIONS) -> list[str]:
    """Names of the migrations a database still lacks; raises MigrationError when it is ahead or differs."""
    connection = psycopg2.connect(url)
    try:
        return [migration.name for migration in _missing(connection, load(folder))]
    finally:
        connection.close()


def _apply(connection: Connection, migrations: list[Migration]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration"
            " (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        cursor.execute(sql.SQL("GRANT SELECT ON schema_migration TO {}").format(sql.Identifier(APP_ROLE)))
        applied = []
        for migration in _missing(connection, migrations):
            cursor.execute("BEGIN")
            try:
                cursor.execute(migration.text)
                cursor.execute(
                    "INSERT INTO schema_migration (name, sha256) VALUES (%s, %s)",
                    (migration.name, migration.sha256),
                )
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            applied.append(migration.name)
    return applied


def _missing(connection: Connection, migrations: list[Migration]) -> list[Migration]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('schema_migration') IS NOT NULL")
        found = cursor.fetchone()
        if not found or not found[0]:
            return migrations
        cursor.execute("SELECT name, sha256 FROM schema_migration")
        applied = dict(cursor.fetchall())
    known = {migration.name: migration for migration in migrations}
    if ahead := sorted(set(applied) - set(known)):
        msg = f"the database is ahead of this code: it has {', '.join(ahead)}"
        raise MigrationError(msg)
    if edited := [name for name, sha256 in applied.items() if known[name].sha256 != sha256]:
        msg = f"edited after being applied: {', '.join(sorted(edited))}; write a new migration instead"
        raise MigrationError(msg)
    return [migration for migration in migrations if migration.name not in applied]


def _ensure_roles(connection: Connection, app_url: str) -> None:
    """Make the two roles if they are missing. NOINHERIT comes first: it decides what the grant below passes on."""
    wanted = parse_dsn(app_url)
    if wanted.get("user") != APP_ROLE:
        msg = f"DATABASE_URL must log in as {APP_ROLE}"
        raise MigrationError(msg)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", ([APP_ROLE, PLATFORM_ROLE],))
        existing = {name for (name,) in cursor.fetchall()}
        if PLATFORM_ROLE not in existing:
            cursor.execute(f"CREATE ROLE {PLATFORM_ROLE} NOLOGIN")
        if APP_ROLE not in existing:
            cursor.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                    sql.Identifier(APP_ROLE), sql.Literal(wanted.get("password"))
                )
            )
        cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (APP_ROLE, PLATFORM_ROLE))
        if not (cursor.fetchone() or (False,))[0]:
            cursor.execute(f"GRANT {PLATFORM_ROLE} TO {APP_ROLE}")
        # The owner hands functions over to the platform's role. From PostgreSQL 16 on its maker may not do so unasked.
        cursor.execute(f"GRANT {PLATFORM_ROLE} TO CURRENT_USER")
