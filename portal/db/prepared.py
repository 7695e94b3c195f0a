"""Statements that are planned once per connection instead of once per request.

For the few large reads that a page makes every time: planning them costs four times what carrying them out does.
A server-side plan lives as long as its connection, so the connection must be the process's own (no transaction pooler
in between). PostgreSQL plans anew by itself when a table or the role's row security changes.
"""

import hashlib
from typing import Any
from weakref import WeakKeyDictionary

from portal.db import database
from portal.db.database import Row, db

_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared:
    """A SELECT with ``$1``, ``$2`` … in it, and their types in order."""

    def __init__(self, sql: str, *types: str) -> None:
        self._name = "p_" + hashlib.sha256(sql.encode()).hexdigest()[:16]
        self._prepare = f"PREPARE {self._name} ({', '.join(types)}) AS {sql.replace('%', '%%')}"
        self._execute = f"EXECUTE {self._name} ({', '.join(['%s'] * len(types))})"

    def row(self, *params: object) -> Row | None:
        """The first row, or None."""
        self._ready()
        return database.row(self._execute, *params)

    def rows(self, *params: object) -> list[Row]:
        """All rows, as named tuples."""
        self._ready()
        return database.rows(self._execute, *params)

    def _ready(self) -> None:
        known = _known.setdefault(db.connection(), set())
        if self._name not in known:
            database.execute(self._prepare)
            known.add(self._name)
