"""The pool of connections, and statements that travel along with the next one.

A round trip costs more than most statements. What only prepares the ground for others (whose rows, in which role) is
``carried`` by the next statement of the thread instead of being sent for itself; a transaction that ends first never
needed it. peewee's pool asks the server before each use of a connection; here BEGIN finds out and has a second try.
"""

import threading
from typing import Any

from playhouse.pool import PooledPostgresqlDatabase


class _Carried(threading.local):
    statements: str = ""


_carried = _Carried()


def carry(statement: str) -> None:
    """Have a statement without parameters executed just before the next one of this thread."""
    _carried.statements += f"{statement}; "


class Pool(PooledPostgresqlDatabase):  # type: ignore[misc]  # playhouse has no types
    """One connection for each thread that is in a transaction."""

    def execute_sql(self, sql: str, params: Any = None, **options: Any) -> Any:  # noqa: ANN401  peewee's signature
        """peewee's, with what the statement has to carry."""
        if _carried.statements:
            before, _carried.statements = _carried.statements, ""
            if not sql.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
                sql = before + sql
        return super().execute_sql(sql, params, **options)

    def _is_closed(self, conn: Any) -> bool:  # noqa: ANN401
        return bool(conn.closed)
