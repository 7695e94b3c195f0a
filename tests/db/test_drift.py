"""Models and migrations say the same: every column with its type and whether it may be null."""

from importlib import import_module
from pkgutil import iter_modules

import portal
from portal.db import database
from portal.db.model import BaseModel
from portal.settings import Settings

# PostgreSQL's names for what peewee's field types become.
TYPES = {
    "UUID": {"uuid"},
    "TEXT": {"text"},
    "BIGINT": {"bigint"},
    "INT": {"integer"},
    "SMALLINT": {"smallint"},
    "BOOL": {"boolean"},
    "BOOLEAN": {"boolean"},
    "DATE": {"date"},
    "TIMESTAMPTZ": {"timestamp with time zone"},
    "DECIMAL": {"numeric"},
    "JSONB": {"jsonb"},
    "TSVECTOR": {"tsvector"},
    "BYTEA": {"bytea"},
    "BLOB": {"bytea"},
}


def models() -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for package in iter_modules(portal.__path__, "portal."):
        if package.ispkg and any(module.name == "models" for module in iter_modules(import_path(package.name))):
            module = import_module(f"{package.name}.models")
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__:
                    found[value._meta.table_name] = value
    return list(found.values())


def import_path(package: str) -> list[str]:
    return list(import_module(package).__path__)


def in_database(table: str) -> dict[str, tuple[str, bool | None]]:
    """Type and nullability by column; None for what the database writes by itself and a field leaves open."""
    # Not from information_schema, which leaves out what the asking role may not read.
    return {
        row.attname: (row.type, None if row.is_given else not row.attnotnull)
        for row in database.rows(
            "SELECT attname, attnotnull, format_type(atttypid, NULL) AS type,"
            " attgenerated <> '' OR attidentity <> '' AS is_given"
            " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
    }


def drift(model: type[BaseModel]) -> list[str]:
    table = model._meta.table_name
    columns = in_database(table)
    fields = {field.column_name: field for field in model._meta.sorted_fields}
    found = [f"{table}.{name} is in one of the two only" for name in set(fields) ^ set(columns)]
    for name in set(fields) & set(columns):
        field, (type_, is_nullable) = fields[name], columns[name]
        if type_ not in TYPES[field.field_type]:
            found.append(f"{table}.{name} is {type_}, its field {field.field_type}")
        if is_nullable is not None and field.null != is_nullable:
            found.append(f"{table}.{name} may {'' if is_nullable else 'not '}be null")
    return found


def test_models_and_migrations_agree(connected: Settings) -> None:
    with database.reading():
        assert [line for model in models() for line in drift(model)] == []


def test_there_are_models_to_compare() -> None:
    assert {"booking", "package", "tenant", "date_claim", "ledger_entry"} <= {
        model._meta.table_name for model in models()
    }


def test_a_column_that_only_one_of_them_has_is_seen(connected: Settings) -> None:
    class Resource(BaseModel):
        """A model that lacks columns and has one too many."""

        from peewee import IntegerField

        position = IntegerField()
        colour = IntegerField()

    with database.reading():
        assert sorted(drift(Resource)) == [
            "resource.colour is in one of the two only",
            "resource.name is in one of the two only",
            "resource.position is smallint, its field INT",
            "resource.tenant_id is in one of the two only",
        ]
