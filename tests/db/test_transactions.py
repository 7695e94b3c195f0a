"""Transactions: reading cannot write, writing is all or nothing, and each belongs to at most one tenant."""

import threading

import peewee
import psycopg2
import pytest

from portal.db import database, tenancy
from portal.devtools.embedded_postgres import Cluster
from portal.kernel.errors import Busy, Unavailable
from portal.kernel.ids import uuid7
from portal.settings import Settings
from tests.support.world import Business

RENAME = "UPDATE resource SET name = %s WHERE tenant_id = %s"


def name_of(shop: Business) -> str:
    with database.reading(shop.id):
        return str(database.value("SELECT name FROM resource WHERE tenant_id = %s", shop.id))


def test_reading_cannot_write(shop: Business) -> None:
    with pytest.raises(peewee.InternalError, match="read-only"), database.reading(shop.id):
        database.execute(RENAME, "Other", shop.id)


def test_writing_inside_reading_is_refused_before_it_begins(shop: Business) -> None:
    with (
        database.reading(shop.id),
        pytest.raises(RuntimeError, match="end the read first"),
        database.writing(shop.id),
    ):
        pytest.fail("a page must not be able to write")


def test_an_error_undoes_everything(shop: Business) -> None:
    with pytest.raises(ZeroDivisionError), database.writing(shop.id):
        database.execute(RENAME, "Other", shop.id)
        raise ZeroDivisionError
    assert name_of(shop) == "Calendar"
    assert not database.is_open()


def test_a_verb_within_a_verb_joins_it(shop: Business) -> None:
    with pytest.raises(ZeroDivisionError), database.writing(shop.id):
        with database.writing(shop.id):
            database.execute(RENAME, "Other", shop.id)
        raise ZeroDivisionError
    assert name_of(shop) == "Calendar"


def test_a_transaction_stays_with_its_tenant(shop: Business, rival: Business) -> None:
    with database.writing(shop.id):
        with pytest.raises(RuntimeError, match="one tenant"), database.writing(rival.id):
            pytest.fail("another tenant's verb cannot join")
        with pytest.raises(RuntimeError, match="one tenant"):
            tenancy.bind(rival.id)


def test_what_waits_for_the_commit_happens_after_it_and_only_then(shop: Business) -> None:
    seen: list[str] = []
    with database.writing(shop.id):
        database.execute(RENAME, "Other", shop.id)
        database.after_commit(lambda: seen.append(name_of(shop)))
        assert seen == []
    assert seen == ["Other"]
    with pytest.raises(ZeroDivisionError), database.writing(shop.id):
        database.after_commit(lambda: seen.append("never"))
        raise ZeroDivisionError
    assert seen == ["Other"]


def test_what_a_page_causes_happens_after_its_reading(shop: Business) -> None:
    def touch() -> None:
        with database.writing(shop.id):
            database.execute(RENAME, "Touched", shop.id)

    with database.reading(shop.id):
        database.after_reading(touch, reason="a test's own row")
    assert name_of(shop) == "Touched"


def test_what_a_page_causes_cannot_take_the_page_down(shop: Business) -> None:
    def wait_in_vain() -> None:
        raise Busy("Somebody else is at it.")

    with database.reading(shop.id):
        database.after_reading(wait_in_vain, reason="a test's own row")
    database.after_reading(wait_in_vain, reason="a test's own row")


def test_a_savepoint_fails_on_its_own(shop: Business) -> None:
    with database.writing(shop.id):
        database.execute(RENAME, "Kept", shop.id)
        with pytest.raises(peewee.DataError), database.savepoint():
            database.execute("SELECT 1 / 0")
    assert name_of(shop) == "Kept"


def test_a_connection_that_the_server_closed_is_replaced(
    own_database: str, cluster: Cluster, connected: Settings
) -> None:
    with database.reading():
        pid = database.value("SELECT pg_backend_pid()")
    end_backend(cluster.superuser_url, pid)
    with database.reading():
        assert database.value("SELECT pg_backend_pid()") != pid


def test_a_connection_that_breaks_in_the_middle_is_unavailable(own_database: str, cluster: Cluster) -> None:
    with pytest.raises(Unavailable), database.reading():
        end_backend(cluster.superuser_url, database.value("SELECT pg_backend_pid()"))
        database.value("SELECT 1")
    with database.reading():
        assert database.value("SELECT 1") == 1


def test_a_server_that_is_not_there_is_unavailable(own_database: str, cluster: Cluster, connected: Settings) -> None:
    database.db.close_all()
    database.configure("postgresql://aisle_app:x@127.0.0.1:9/none")
    with pytest.raises(Unavailable), database.reading():
        pytest.fail("there is nothing to read")
    database.configure(cluster.app_url(own_database))
    with database.reading():
        assert database.value("SELECT 1") == 1


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_what_is_locked_for_too_long_is_busy(shop: Business, setting: str) -> None:
    is_locked, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with database.writing(shop.id):
            database.execute(RENAME, "Held", shop.id)
            is_locked.set()
            is_over.wait(10)

    rival = threading.Thread(target=hold)
    rival.start()
    is_locked.wait(10)
    with pytest.raises(Busy), database.writing(shop.id):
        database.execute(f"SET LOCAL {setting} = 50")
        database.execute(RENAME, "Late", shop.id)
    is_over.set()
    rival.join()
    assert name_of(shop) == "Held"


def test_more_threads_than_connections_are_busy_and_not_broken(shop: Business, connected: Settings) -> None:
    database.db.close_all()
    database.db.init(connected.database_url, max_connections=1, timeout=None)
    is_inside, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with database.reading(shop.id):
            is_inside.set()
            is_over.wait(10)

    rival = threading.Thread(target=hold)
    rival.start()
    is_inside.wait(10)
    try:
        with pytest.raises(Busy), database.reading(shop.id):
            pytest.fail("there is no connection left")
    finally:
        is_over.set()
        rival.join()
        database.db.close_all()
        database.configure(connected.database_url)


def test_outside_a_transaction_there_is_nothing_to_ask(connected: Settings) -> None:
    with pytest.raises(RuntimeError, match="no transaction"):
        database.current_scope()


def test_a_lookup_binds_the_tenant_it_finds(shop: Business) -> None:
    with database.reading_by("tenant_id_by_slug", shop.slug) as scope:
        assert scope.tenant_id == shop.id
        assert database.value("SELECT count(*) FROM package") == 1
    with database.reading_by("tenant_id_by_slug", f"no-{uuid7().hex[:8]}") as scope:
        assert scope.tenant_id is None
        assert database.value("SELECT count(*) FROM package") == 0


def end_backend(superuser_url: str, pid: int) -> None:
    connection = psycopg2.connect(superuser_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    finally:
        connection.close()
