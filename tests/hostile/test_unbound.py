"""A query that nobody bound to a tenant returns nothing, from any table of a tenant; the list is the catalogue's."""

from contextlib import suppress

import peewee
import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from tests.hostile.cast import House

TABLES = (
    "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1"
)


def tables() -> list[str]:
    with database.reading():
        return [row.name for row in database.rows(TABLES)] + ["tenant"]


def counts() -> dict[str, int]:
    return {name: int(database.value(f"SELECT count(*) FROM {name}")) for name in tables()}


def test_without_a_bound_tenant_every_table_is_empty(theirs: House, ours: House) -> None:
    assert len(tables()) > 20
    with database.reading(), platform_scope(reason="a test"):
        there = {name for name, count in counts().items() if count}
    # What is empty for everybody proves nothing.
    assert sorted(set(tables()) - there) == []
    with database.reading():
        assert set(counts().values()) == {0}
    with database.reading(theirs.shop.id):
        assert {name for name, count in counts().items() if count} >= {"booking", "package", "date_claim", "payment"}
    with database.reading():  # the same connection, after it was bound
        assert set(counts().values()) == {0}


def test_bound_to_one_tenant_no_row_is_anothers(theirs: House, ours: House) -> None:
    with database.reading(ours.shop.id):
        for name in tables():
            column = "id" if name == "tenant" else "tenant_id"
            owners = {row.owner for row in database.rows(f"SELECT DISTINCT {column} AS owner FROM {name}")}
            assert owners <= {ours.shop.id}, name


@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_without_a_bound_tenant_nothing_can_be_written(theirs: House, verb: str) -> None:
    for name in tables():
        with database.writing(), suppress(peewee.ProgrammingError):  # permission denied: as good as no row
            assert database.execute(verb.format(name)) == 0, name
    with pytest.raises(peewee.ProgrammingError, match="row-level security"), database.writing():
        database.execute(
            "INSERT INTO resource (id, tenant_id, name) VALUES (gen_random_uuid(), %s, 'x')", theirs.shop.id
        )


def test_a_tenant_that_does_not_exist_sees_nothing_either(theirs: House) -> None:
    with database.reading(theirs.sold.booking_id):  # an id of something else
        assert set(counts().values()) == {0}
