"""Inserting rows of a model with a statement that is composed once per shape.

peewee composes each INSERT anew, which takes longer than PostgreSQL needs to carry it out; placing a hold makes eight.
Values pass through the model's fields as ever, so that a naive instant or a float amount is refused.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from peewee import Field, Model

from portal.db import database

_Column = tuple[str, Callable[[Any], Any], Callable[[], Any]]


def insert(model: type[Model], *rows: Mapping[str, object]) -> None:
    """Insert rows, which all name the same columns; columns with a default may be left out."""
    columns, sql = _shape(model, tuple(rows[0]), len(rows))
    values = [adapt(row[name] if name in row else default()) for row in rows for name, adapt, default in columns]
    database.execute(sql, *values)


@lru_cache(maxsize=128)
def _shape(model: type[Model], given: tuple[str, ...], count: int) -> tuple[list[_Column], str]:
    fields: dict[str, Field] = model._meta.fields  # noqa: SLF001  peewee's name for them
    if unknown := set(given) - set(fields):
        msg = f"{model.__name__} has no {', '.join(sorted(unknown))}"
        raise TypeError(msg)
    columns = [
        (name, field.db_value, _default(field))
        for name, field in fields.items()
        if name in given or _has_default(field)
    ]
    names = ", ".join(f'"{fields[name].column_name}"' for name, _, _ in columns)
    places = f"({', '.join(['%s'] * len(columns))})"
    table = model._meta.table_name  # noqa: SLF001
    return columns, f'INSERT INTO "{table}" ({names}) VALUES {", ".join([places] * count)}'


def _has_default(field: Field) -> bool:
    return field.default is not None


def _default(field: Field) -> Callable[[], Any]:
    if callable(field.default):
        made: Callable[[], Any] = field.default
        return made
    return lambda: field.default
