"""What the checker reports, and the reading door all checks go through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.db import database
from portal.db.tenancy import platform_scope


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
        yield


def found(promise: str, sql: str, *params: object) -> list[Violation]:
    """Violations from a statement that selects ``subject`` and ``what``."""
    with everything():
        return [Violation(promise, str(row.subject), row.what) for row in database.rows(sql, *params)]
