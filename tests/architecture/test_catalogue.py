"""What the database itself must enforce, read from its catalogue: tenancy on every table, and a date sold once.

A new table fails here until it is a tenant's in every respect or stands in the written list of the platform's.
"""

from collections.abc import Iterator

import psycopg2
import pytest

from portal.devtools.embedded_postgres import Cluster
from tests.support import databases

# Tables that belong to the platform. Adding one here is a decision that somebody reviews.
PLATFORM = {
    "tenant",
    "user_account",
    "login_session",
    "account_token",
    "security_event",
    "platform_counter",
    "webhook_event",
    "outbox",
    "schema_migration",
}
# Of these the application may see rows of the bound tenant; forced row-level security holds for them as well.
SHARED = {"tenant", "outbox"}
TENANT_RULE = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
POLICIES = {
    ("tenant_rows", "{aisle_app}", "ALL", TENANT_RULE, TENANT_RULE),
    ("platform_rows", "{aisle_platform}", "ALL", "true", "true"),
}
# Each table that makes a date taken, with the columns that may be there once.
CLAIMS = {"date_claim": ("tenant_id", "resource_id", "claimed_on")}


class Catalogue:
    """The catalogue of one database, as its owner sees it."""

    def __init__(self, connection: psycopg2.extensions.connection) -> None:
        self.connection = connection

    def rows(self, query: str, *params: object) -> list[tuple[str, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, params)
            return cursor.fetchall()

    def change(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def tables(self) -> set[str]:
        query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        return {name for (name,) in self.rows(query)}

    def tenant_tables(self) -> set[str]:
        return self.tables() - PLATFORM

    def faults(self) -> list[str]:
        return sorted(fault for check in CHECKS for fault in check(self))


def has_a_tenant(catalogue: Catalogue) -> Iterator[str]:
    query = (
        "SELECT attrelid::regclass::text FROM pg_attribute"
        " WHERE attname = 'tenant_id' AND attnotnull AND atttypid = 'uuid'::regtype AND NOT attisdropped"
    )
    having = {name for (name,) in catalogue.rows(query)}
    for table in catalogue.tenant_tables() - having:
        yield f"{table} has no tenant_id that is a uuid and not null"


def points_at_its_tenant(catalogue: Catalogue) -> Iterator[str]:
    query = (
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'tenant'::regclass"
        " AND pg_get_constraintdef(oid) LIKE 'FOREIGN KEY (tenant_id) REFERENCES tenant(id)%%'"
    )
    pointing = {name for (name,) in catalogue.rows(query)}
    for table in catalogue.tenant_tables() - pointing:
        yield f"{table}.tenant_id is no foreign key to tenant"


def is_under_row_security(catalogue: Catalogue) -> Iterator[str]:
    query = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    forced = {name for (name,) in catalogue.rows(query)}
    for table in (catalogue.tenant_tables() | SHARED) - forced:
        yield f"{table} has no forced row-level security"


def has_the_two_policies(catalogue: Catalogue) -> Iterator[str]:
    query = (
        "SELECT policyname, roles::text, cmd, qual, with_check FROM pg_policies"
        " WHERE schemaname = 'public' AND tablename = %s AND permissive = 'PERMISSIVE'"
    )
    for table in catalogue.tenant_tables():
        found = {tuple(map(str, row)) for row in catalogue.rows(query, table)}
        if found != POLICIES:
            yield f"{table} has other policies than the two: {sorted(found)}"


def points_within_its_tenant(catalogue: Catalogue) -> Iterator[str]:
    """A foreign key from one tenant's table to another carries the tenant on both sides."""
    query = (
        "SELECT conrelid::regclass::text, conname, confrelid::regclass::text,"
        " (SELECT array_agg(a.attname ORDER BY k.place)::text[] FROM unnest(conkey) WITH ORDINALITY k(number, place)"
        "  JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number),"
        " (SELECT array_agg(a.attname ORDER BY k.place)::text[] FROM unnest(confkey) WITH ORDINALITY k(number, place)"
        "  JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.number)"
        " FROM pg_constraint WHERE contype = 'f'"
    )
    tenants = catalogue.tenant_tables()
    for table, name, target, columns, keys in catalogue.rows(query):
        if table in tenants and target in tenants and not (columns[0] == keys[0] == "tenant_id" and len(columns) == 2):
            yield f"{table}: {name} points at {target} without the tenant"


def has_its_ids_under_keys(catalogue: Catalogue) -> Iterator[str]:
    """A column named ``…_id`` of uuids in a tenant's table points at something, unless it is written down here."""
    free = {
        "booking_event.actor_user_id",  # the account may be deleted, the timeline stays
        "message.subject_id",  # what kind of subject it is stands in subject_type
    }
    query = (
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a"
        " WHERE a.attname LIKE '%%\\_id' AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey))"
    )
    tenants = catalogue.tenant_tables()
    for table, column in catalogue.rows(query):
        if table in tenants and f"{table}.{column}" not in free:
            yield f"{table}.{column} points at nothing"


def claims_each_date_once(catalogue: Catalogue) -> Iterator[str]:
    for table, columns in CLAIMS.items():
        query = (
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'u' AND NOT condeferrable"
        )
        if (f"UNIQUE ({', '.join(columns)})",) not in catalogue.rows(query, table):
            yield f"{table} has no unique constraint over {', '.join(columns)}"
        nullable = catalogue.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attname = ANY (%s) AND NOT attnotnull",
            table,
            list(columns),
        )
        for (column,) in nullable:
            yield f"{table}.{column} can be null, which is unequal to itself"


def finds_tenants_by_ids_only(catalogue: Catalogue) -> Iterator[str]:
    """What runs with the platform's rights returns ids, has a fixed search path, and belongs to the platform.

    Tables of a caller's own making are looked at last, and nobody but the application may call it.
    """
    query = (
        "SELECT proname, pg_get_function_result(oid), coalesce(array_to_string(proconfig, ','), ''),"
        " pg_get_userbyid(proowner), has_function_privilege('public', oid, 'EXECUTE')"
        " FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    for name, result, config, owner, is_public in catalogue.rows(query):
        words = result.replace("TABLE(", "").replace(")", "").replace("SETOF ", "").split(", ")
        if not all(word.split()[-1] == "uuid" for word in words):
            yield f"{name}() returns more than ids: {result}"
        if config != "search_path=public, pg_temp":
            yield f"{name}() has no fixed search path"
        if is_public:
            yield f"{name}() can be called by anybody"
        if owner != "aisle_platform":
            yield f"{name}() belongs to {owner}"


def keeps_to_its_schemas(catalogue: Catalogue) -> Iterator[str]:
    """All of ours is in ``public``; the queue's own tables carry ids of effects and nothing of a tenant."""
    query = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    for (name,) in catalogue.rows(query):
        if name not in {"public", "queue"}:
            yield f"{name} is a schema that nothing here looks at"


CHECKS = (
    keeps_to_its_schemas,
    has_a_tenant,
    points_at_its_tenant,
    is_under_row_security,
    has_the_two_policies,
    points_within_its_tenant,
    has_its_ids_under_keys,
    claims_each_date_once,
    finds_tenants_by_ids_only,
)
NEW_TABLE = "CREATE TABLE album (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenant (id), package_id uuid)"
MUTANTS = {
    "ALTER TABLE date_claim DROP CONSTRAINT date_claim_once": "date_claim has no unique constraint",
    "ALTER TABLE package NO FORCE ROW LEVEL SECURITY": "package has no forced row-level security",
    "ALTER TABLE package DISABLE ROW LEVEL SECURITY": "package has no forced row-level security",
    "ALTER TABLE outbox DISABLE ROW LEVEL SECURITY": "outbox has no forced row-level security",
    "DROP POLICY tenant_rows ON booking": "booking has other policies",
    "CREATE POLICY open ON booking TO aisle_app USING (true)": "booking has other policies",
    "ALTER POLICY tenant_rows ON booking WITH CHECK (true)": "booking has other policies",
    "ALTER TABLE customer ALTER tenant_id DROP NOT NULL": "customer has no tenant_id",
    "ALTER TABLE photo ADD FOREIGN KEY (package_id) REFERENCES package (id)": "without the tenant",
    NEW_TABLE: "album has no forced row-level security",
    f"{NEW_TABLE}; CALL protect_tenant_table('album')": "album.package_id points at nothing",
    "CREATE SCHEMA attic": "attic is a schema",
    "ALTER FUNCTION tenant_id_by_slug(text) SET search_path = public": "tenant_id_by_slug() has no fixed search path",
    "GRANT EXECUTE ON FUNCTION tenant_id_by_slug(text) TO PUBLIC": "tenant_id_by_slug() can be called by anybody",
    "CREATE FUNCTION peek() RETURNS SETOF text SECURITY DEFINER LANGUAGE sql AS 'SELECT name FROM tenant'": "peek()",
}


@pytest.fixture(scope="module")
def owner_url(cluster: Cluster) -> Iterator[str]:
    with databases.cloned(cluster) as name:
        yield cluster.owner_url(name)


@pytest.fixture
def catalogue(owner_url: str) -> Iterator[Catalogue]:
    """A database that is changed in one transaction, which is never committed."""
    connection = psycopg2.connect(owner_url)
    try:
        yield Catalogue(connection)
    finally:
        connection.close()


def test_the_database_enforces_what_it_must(catalogue: Catalogue) -> None:
    assert catalogue.faults() == []
    assert catalogue.tables() >= PLATFORM
    assert len(catalogue.tenant_tables()) > 15


@pytest.mark.parametrize("statement", MUTANTS)
def test_a_database_that_does_not_is_noticed(catalogue: Catalogue, statement: str) -> None:
    catalogue.change(statement)
    assert any(MUTANTS[statement] in fault for fault in catalogue.faults())
