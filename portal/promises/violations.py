"""What the checker reports, and the reading doors all checks go through.

No check holds more than a batch of rows in memory, however large the installation is, and none asks the network
while a transaction is open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope

_BATCH = 500
_MOST_TOLD = 200
_PATIENCE = "120s"  # over millions of rows a statement takes longer than a page may


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks a promise."""

    promise: str
    subject: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise} {self.subject}: {self.what}"


@contextmanager
def everything() -> Iterator[None]:
    """A read-only look at all tenants' rows."""
    with database.reading(), platform_scope(reason="checking promises"):
        database.execute("SELECT set_config('statement_timeout', %s, true)", _PATIENCE)
        yield


def found(promise: str, sql: str, *params: object) -> list[Violation]:
    """Violations from a statement that selects ``subject`` and ``what``; the first of them when there are many."""
    with everything():
        rows = database.rows(f"{sql} LIMIT {_MOST_TOLD}", *params)
    return [Violation(promise, str(row.subject), row.what) for row in rows]


def in_batches(sql: str, *params: object, size: int = _BATCH) -> Iterator[database.Row]:
    """Every row of a statement that ends in ``id > %s ORDER BY id``, read in transactions of their own."""
    last = UUID(int=0)
    while True:
        with everything():
            batch = database.rows(f"{sql} LIMIT {size}", *params, last)
        yield from batch
        if len(batch) < size:
            return
        last = batch[-1].id
