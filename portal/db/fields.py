"""Field types that refuse what must not be stored: naive datetimes, floats for money."""

from datetime import UTC, datetime
from typing import Any

from peewee import BigIntegerField, DateTimeField
from playhouse.postgres_ext import BinaryJSONField, TSVectorField

__all__ = ["CentsField", "InstantField", "JSONField", "SearchField"]


class InstantField(DateTimeField):
    """``timestamptz``: aware datetimes only, kept and returned in UTC."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: Any) -> Any:  # noqa: ANN401
        """Refuse a naive datetime, which PostgreSQL would read in the session's zone."""
        if isinstance(value, datetime) and value.tzinfo is None:
            msg = f"{self.name}: a naive datetime is not an instant"
            raise ValueError(msg)
        return value

    def python_value(self, value: Any) -> Any:  # noqa: ANN401
        """As an aware datetime in UTC."""
        return value.astimezone(UTC) if isinstance(value, datetime) else value


class CentsField(BigIntegerField):
    """An amount in minor units."""

    def db_value(self, value: Any) -> Any:  # noqa: ANN401
        """Refuse anything that is not an integer."""
        if value is not None and type(value) is not int:
            msg = f"{self.name}: an amount is an integer of minor units, not {type(value).__name__}"
            raise TypeError(msg)
        return value


class JSONField(BinaryJSONField):  # type: ignore[misc]
    """``jsonb``."""


class SearchField(TSVectorField):  # type: ignore[misc]
    """A generated ``tsvector``; the database writes it."""
