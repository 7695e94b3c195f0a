"""A rival must see nothing, touch nothing and be pointed at by nothing: the database itself says so."""

import peewee
import pytest

from portal.db import database
from portal.db.tenancy import bind, platform_scope
from portal.kernel.ids import uuid7
from portal.settings import Settings
from tests.support.statements import statements
from tests.support.world import Business


def count(table: str) -> int:
    return int(database.value(f"SELECT count(*) FROM {table}"))


def test_without_a_bound_tenant_a_query_returns_nothing(shop: Business) -> None:
    with database.reading():
        assert count("package") == count("tenant") == count("add_on") == 0


def test_after_a_bound_transaction_the_connection_is_nobodys_again(shop: Business) -> None:
    with database.reading(shop.id):
        pid = database.value("SELECT pg_backend_pid()")
        assert count("package") == 1
    with database.reading():
        assert database.value("SELECT pg_backend_pid()") == pid
        assert database.value("SELECT current_setting('app.tenant_id', true)") == ""
        assert count("package") == 0


def test_a_tenant_sees_its_own_rows_only(shop: Business, rival: Business) -> None:
    with database.reading(rival.id):
        assert database.value("SELECT count(*) FROM package WHERE tenant_id = %s", shop.id) == 0
        assert [row.slug for row in database.rows("SELECT slug FROM tenant")] == [rival.slug]


def test_a_tenant_cannot_change_or_delete_a_rivals_rows(shop: Business, rival: Business) -> None:
    with database.writing(rival.id):
        assert database.execute("UPDATE package SET name = 'Mine' WHERE tenant_id = %s", shop.id) == 0
        assert database.execute("DELETE FROM package_add_on WHERE tenant_id = %s", shop.id) == 0
    with database.reading(shop.id):
        assert count("package_add_on") == 1


def test_a_row_cannot_be_written_for_a_rival(shop: Business, rival: Business) -> None:
    with pytest.raises(peewee.ProgrammingError, match="row-level security"), database.writing(rival.id):
        database.execute("INSERT INTO resource (id, tenant_id, name) VALUES (%s, %s, 'x')", uuid7(), shop.id)
    with pytest.raises(peewee.ProgrammingError, match="row-level security"), database.writing(rival.id):
        database.execute("UPDATE resource SET tenant_id = %s", shop.id)


def test_a_row_cannot_point_at_a_rivals(shop: Business, rival: Business) -> None:
    with pytest.raises(peewee.IntegrityError, match="foreign key"), database.writing(rival.id):
        database.execute(
            "INSERT INTO blackout_date (id, tenant_id, resource_id, first_on, last_on, created_at)"
            " VALUES (%s, %s, %s, '2030-06-01', '2030-06-01', now())",
            uuid7(),
            rival.id,
            shop.resource_id,
        )


def test_the_platforms_door_sees_all_and_closes_behind_itself(shop: Business, rival: Business) -> None:
    both = "SELECT count(*) FROM tenant WHERE id IN (%s, %s)"
    with database.reading():
        with platform_scope(reason="a test"):
            assert database.value(both, shop.id, rival.id) == 2
            with platform_scope(reason="a test within a test"):
                assert database.value(both, shop.id, rival.id) == 2
            assert database.value(both, shop.id, rival.id) == 2
        assert database.value(both, shop.id, rival.id) == 0


def test_an_error_behind_the_platforms_door_does_not_leave_it_open(shop: Business) -> None:
    with pytest.raises(ZeroDivisionError), database.reading(), platform_scope(reason="a test"):
        raise ZeroDivisionError
    with database.reading():
        assert database.value("SELECT current_user") == "aisle_app"


@pytest.mark.parametrize("table", ["user_account", "login_session", "account_token", "webhook_event"])
def test_the_platforms_tables_are_closed_to_a_tenant(shop: Business, table: str) -> None:
    with pytest.raises(peewee.ProgrammingError, match="permission denied"), database.reading(shop.id):
        count(table)


@pytest.mark.parametrize("table", ["ledger_entry", "booking_event"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET occurred_at = now()"])
def test_what_is_only_ever_added_to_cannot_be_changed(shop: Business, table: str, verb: str) -> None:
    with pytest.raises(peewee.ProgrammingError, match="permission denied"), database.writing(shop.id):
        database.execute(verb.format(table))
    with (
        pytest.raises(peewee.ProgrammingError, match="permission denied"),
        database.writing(),
        platform_scope(reason="a test"),
    ):
        database.execute(verb.format(table))


def test_nobody_here_is_a_superuser(connected: Settings) -> None:
    with database.reading():
        assert not database.value("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        with platform_scope(reason="a test"):
            assert not database.value("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


def role() -> str:
    return str(database.value("SELECT current_user"))


def test_the_platforms_role_travels_with_the_statements_that_need_it(connected: Settings) -> None:
    with statements() as asked, database.reading():
        with platform_scope(reason="a test that asks nothing"):
            pass
        with platform_scope(reason="a test"):
            assert role() == "aisle_platform"
        assert role() == "aisle_app"
    assert asked == ["SELECT current_user"] * 2


def test_a_part_that_fails_leaves_the_role_as_it_was(connected: Settings) -> None:
    with database.writing():
        with pytest.raises(peewee.DataError), database.savepoint(), platform_scope(reason="a test"):
            database.execute("SELECT 1 / 0")
        assert role() == "aisle_app"
        with pytest.raises(ZeroDivisionError), platform_scope(reason="a test"):
            raise ZeroDivisionError
        assert role() == "aisle_app"
        with platform_scope(reason="a test"):
            with pytest.raises(peewee.DataError), database.savepoint():
                database.execute("SELECT 1 / 0")
            assert role() == "aisle_platform"
        assert role() == "aisle_app"
        with database.savepoint(), platform_scope(reason="a test"):
            assert role() == "aisle_platform"
        assert role() == "aisle_app"


def test_what_was_to_travel_does_not_reach_the_next_transaction(shop: Business) -> None:
    with database.reading():
        bind(shop.id)
    with database.reading():
        assert count("package") == 0
        with platform_scope(reason="a test"):
            pass
    with database.reading():
        assert role() == "aisle_app"
