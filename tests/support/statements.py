"""Which statements a piece of work asks the database for, BEGIN and COMMIT left out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from portal.db import database


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements asked for within, in order."""
    asked: list[str] = []
    execute = database.db.execute_sql

    def listening(sql: str, *args: Any) -> Any:
        if not sql.startswith(("BEGIN", "COMMIT")):
            asked.append(sql)
        return execute(sql, *args)

    with mock.patch.object(database.db, "execute_sql", listening):
        yield asked
