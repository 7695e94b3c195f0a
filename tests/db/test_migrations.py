"""Migrations: each once, in order, by one starter, and never on a database that is not what the files say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psycopg2
import pytest

from portal.db.migrate import MigrationError, load, migrate, pending
from portal.devtools.embedded_postgres import Cluster

FIRST = "CREATE TABLE first_thing (id int PRIMARY KEY)"
SECOND = "ALTER TABLE first_thing ADD COLUMN name text"


class Empty(NamedTuple):
    """A database without any table, and a folder of migrations for it."""

    owner_url: str
    app_url: str
    folder: Path

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def migrate(self) -> list[str]:
        return migrate(self.owner_url, self.app_url, folder=self.folder)

    def columns(self) -> list[str]:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'first_thing' ORDER BY 1"
        connection = psycopg2.connect(self.owner_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return [name for (name,) in cursor.fetchall()]
        finally:
            connection.close()


@pytest.fixture
def empty(cluster: Cluster, tmp_path: Path) -> Iterator[Empty]:
    name = f"aisle_empty_{tmp_path.name.replace('-', '_')[:40].lower()}"
    cluster.drop_database(name)
    cluster.create_database(name)
    found = Empty(cluster.owner_url(name), cluster.app_url(name), tmp_path)
    found.write("0001_first.sql", FIRST)
    yield found
    cluster.drop_database(name)


def test_each_is_applied_once_and_in_order(empty: Empty) -> None:
    empty.write("0002_second.sql", SECOND)
    assert empty.migrate() == ["0001_first.sql", "0002_second.sql"]
    assert empty.migrate() == []
    assert empty.columns() == ["id", "name"]


def test_a_new_one_is_pending_until_it_is_applied(empty: Empty) -> None:
    empty.migrate()
    assert pending(empty.app_url, folder=empty.folder) == []
    empty.write("0002_second.sql", SECOND)
    assert pending(empty.app_url, folder=empty.folder) == ["0002_second.sql"]


def test_an_edited_one_is_refused(empty: Empty) -> None:
    empty.migrate()
    empty.write("0001_first.sql", FIRST + " -- and more")
    empty.write("0002_second.sql", SECOND)
    with pytest.raises(MigrationError, match=r"edited after being applied: 0001_first\.sql"):
        empty.migrate()
    assert empty.columns() == ["id"]


def test_a_database_ahead_of_the_code_is_refused(empty: Empty) -> None:
    empty.write("0002_second.sql", SECOND)
    empty.migrate()
    (empty.folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match=r"ahead of this code: it has 0002_second\.sql"):
        empty.migrate()


def test_one_that_fails_leaves_nothing_and_can_be_mended(empty: Empty) -> None:
    empty.write("0002_second.sql", SECOND + "; SELECT nonsense")
    with pytest.raises(psycopg2.Error, match="nonsense"):
        empty.migrate()
    assert empty.columns() == ["id"]
    empty.write("0002_second.sql", SECOND)
    assert empty.migrate() == ["0002_second.sql"]


def test_starters_that_race_apply_each_once(empty: Empty) -> None:
    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(lambda _: empty.migrate(), range(4)))
    assert sorted(applied) == [[], [], [], ["0001_first.sql"]]


def test_the_app_must_log_in_as_the_role_that_policies_speak_of(empty: Empty) -> None:
    with pytest.raises(MigrationError, match="must log in as aisle_app"):
        migrate(empty.owner_url, empty.owner_url, folder=empty.folder)


def test_the_products_own_files_are_numbered_without_gap() -> None:
    assert [int(migration.name[:4]) for migration in load()] == list(range(1, len(load()) + 1))
