"""Statements that are planned once per connection."""

import pytest
from peewee import ProgrammingError

from portal.db import database
from portal.db.prepared import Prepared
from tests.support.world import Business

NAMES = Prepared("SELECT name, '100 %' AS share FROM tenant WHERE id = $1", "uuid")


def test_a_prepared_statement_sees_what_a_plain_one_sees(shop: Business) -> None:
    with database.reading(shop.id):
        assert NAMES.row(shop.id) == (shop.tenant.name, "100 %")


def test_a_plan_made_for_one_tenant_shows_nothing_to_the_next(shop: Business, rival: Business) -> None:
    for _ in range(8):  # from the sixth time on the plan is no longer made for the values
        with database.reading(shop.id):
            assert NAMES.rows(shop.id)
    with database.reading(rival.id):
        assert NAMES.rows(shop.id) == []


def test_a_new_connection_is_prepared_anew(shop: Business) -> None:
    with database.reading(shop.id):
        NAMES.row(shop.id)
    database.db.close_all()
    with database.reading(shop.id):
        assert NAMES.row(shop.id)


def test_a_prepared_statement_outlives_a_rolled_back_transaction(shop: Business) -> None:
    other = Prepared("SELECT slug FROM tenant WHERE id = $1", "uuid")
    with pytest.raises(ProgrammingError), database.reading(shop.id):
        other.row(shop.id)
        database.execute("SELECT no_such_column FROM tenant")
    with database.reading(shop.id):
        assert other.row(shop.id) == (shop.slug,)
