"""Databases for tests: one template with the migrations applied, cloned for whoever needs one."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from portal.db import database
from portal.db.migrate import load, migrate
from portal.devtools.embedded_postgres import Cluster


def template(cluster: Cluster) -> str:
    """The name of the migrated template; built by whoever asks first."""
    content = hashlib.sha256("".join(migration.sha256 for migration in load()).encode()).hexdigest()
    name = f"aisle_template_{content[:16]}"
    cluster.ensure_template(name, lambda owner_url, app_url: void(migrate(owner_url, app_url)))
    return name


def void(_: object) -> None:
    """A result that nobody needs."""


@contextmanager
def cloned(cluster: Cluster) -> Iterator[str]:
    """The name of a fresh migrated database, dropped afterwards."""
    name = f"aisle_test_{secrets.token_hex(6)}"
    cluster.clone(template(cluster), name)
    try:
        yield name
    finally:
        cluster.drop_database(name)


@contextmanager
def connected(url: str, *, back_to: str) -> Iterator[None]:
    """This process works on another database for a while."""
    database.db.close_all()
    database.configure(url)
    try:
        yield
    finally:
        database.db.close_all()
        database.configure(back_to)
