"""Transactions. ``reading`` is READ ONLY and ``writing`` is one verb; each binds at most one tenant.

Law: no network call, PDF or mail inside either. A ``writing`` inside a ``writing`` of the same tenant joins it;
inside a ``reading`` it raises, because a page that shows something must not be able to write by mistake.
The tenant is bound with ``set_config(…, true)`` in the same round trip as BEGIN and ends with the transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2
import psycopg2.errors
import psycopg2.extras
from playhouse.pool import MaxConnectionsExceeded

from portal.db.pool import Pool
from portal.kernel.errors import Busy, Unavailable
from portal.kernel.text import N_

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]

log = logging.getLogger("aisle.database")

Row = Any  # a named tuple whose fields are the columns of the statement

# Statement 5 s, lock 3 s, a transaction left idle 15 s (promises.md, section 2).
_SESSION = "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000 -c timezone=UTC"

# A machine that has vanished is noticed by the network, not by the server's own limits.
_NETWORK = {"connect_timeout": 3, "tcp_user_timeout": 8000}


db = Pool(None, autoconnect=False)


@dataclass
class Scope:
    """The transaction this thread is in."""

    is_read_only: bool
    tenant_id: UUID | None
    is_platform: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)
    found: Row | None = None


class _Local(threading.local):
    scope: Scope | None = None


_local = _Local()


def configure(url: str, *, connections: int = 10) -> None:
    """Point this process at its database; ``connections`` is the number of threads that will use it."""
    db.init(url, max_connections=connections, timeout=5, stale_timeout=None, options=_SESSION, **_NETWORK)


def current_scope() -> Scope:
    """The open transaction; outside one it is a programming error to ask."""
    if _local.scope is None:
        msg = "no transaction is open: use reading() or writing()"
        raise RuntimeError(msg)
    return _local.scope


def is_open() -> bool:
    """Whether this thread is inside a transaction."""
    return _local.scope is not None


def reading(tenant_id: UUID | None = None) -> _Transaction:
    """A READ ONLY transaction, bound to a tenant if one is given."""
    return _Transaction(Scope(is_read_only=True, tenant_id=tenant_id))


def writing(tenant_id: UUID | None = None) -> _Transaction:
    """One verb: everything in it is committed together or not at all."""
    return _Transaction(Scope(is_read_only=False, tenant_id=tenant_id))


def reading_by(lookup: str, *keys: object, then: str = "") -> _Transaction:
    """A READ ONLY transaction bound to the tenant that a ``SECURITY DEFINER`` function finds.

    ``lookup`` is the function's name (``tenant_id_by_slug`` …). The scope's ``tenant_id`` is None when it finds none.
    ``then`` is a statement that goes along in the same round trip; its first row, which has the tenant as ``id``, is
    the scope's ``found``.
    """
    call = f"{lookup}({', '.join(['%s'] * len(keys))})"
    return _Transaction(Scope(is_read_only=True, tenant_id=None), call, keys, then)


class _Transaction:
    """Opens, binds, commits or rolls back; joins an outer transaction of the same tenant."""

    def __init__(self, scope: Scope, lookup: str = "", keys: Sequence[object] = (), then: str = "") -> None:
        self._scope = scope
        self._then = then
        self._lookup = lookup
        self._keys = keys
        self._joined = False

    def __enter__(self) -> Scope:
        outer = _local.scope
        if outer is not None:
            self._join(outer)
            return outer
        self._begin()
        _local.scope = self._scope
        return self._scope

    def _join(self, outer: Scope) -> None:
        if outer.is_read_only and not self._scope.is_read_only:
            msg = "writing() inside reading(): end the read first"
            raise RuntimeError(msg)
        if self._lookup or (self._scope.tenant_id is not None and self._scope.tenant_id != outer.tenant_id):
            msg = "a transaction is bound to one tenant from its start"
            raise RuntimeError(msg)
        self._joined = True

    def _begin(self) -> None:
        begin = "BEGIN READ ONLY" if self._scope.is_read_only else "BEGIN"
        params: Sequence[object] = ()
        if self._lookup:
            begin += f"; SELECT set_config('app.tenant_id', coalesce({self._lookup}::text, ''), true)"
            params = self._keys
            if self._then:
                begin += f"; {self._then}"
        elif self._scope.tenant_id is not None:
            begin += "; SELECT set_config('app.tenant_id', %s, true)"
            params = (str(self._scope.tenant_id),)
        _connect()
        try:
            cursor = _first_statement(begin, params)
            if self._then:
                self._scope.found = _first(cursor)
                self._scope.tenant_id = self._scope.found and self._scope.found.id
            elif self._lookup:
                found = cursor.fetchone()[0]
                self._scope.tenant_id = UUID(found) if found else None
        except BaseException as error:
            _drop_connection()
            _raise_as_busy(error)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._joined:
            return
        _local.scope = None
        if error is not None:
            _end("ROLLBACK")
            _raise_as_busy(error)
            return
        try:
            db.execute_sql("COMMIT")
        except BaseException as lost:
            _drop_connection()
            _raise_as_busy(lost)
            raise
        db.close()
        for act in self._scope.after:
            act()


def after_commit(act: Callable[[], None]) -> None:
    """Do something once the open ``writing()`` has been committed; not at all if it is rolled back."""
    current_scope().after.append(act)


def after_reading(act: Callable[[], None], *, reason: str) -> None:
    """The one door by which a page that only reads may cause a write (session touch, doorbell, counter).

    ``act`` runs after the page's read-only transaction has ended and opens a short one of its own. ``reason``
    names what is written. A page that was made is shown, whether or not that write finds the database at leisure.
    """
    assert reason  # noqa: S101

    def attempt() -> None:
        try:
            act()
        except (Busy, Unavailable) as error:
            log.warning("%s: %s", reason, error)

    if _local.scope is None:
        attempt()
    else:
        _local.scope.after.append(attempt)


def rows(sql: str, *params: object) -> list[Row]:
    """All rows of a statement, as named tuples."""
    cursor = db.execute_sql(sql, params)
    shape = _shape(tuple(column[0] for column in cursor.description))
    return [shape._make(values) for values in cursor.fetchall()]


def row(sql: str, *params: object) -> Row | None:
    """The first row of a statement, or None."""
    return _first(db.execute_sql(sql, params))


def _first(cursor: Any) -> Row | None:  # noqa: ANN401
    values = cursor.fetchone()
    return None if values is None else _shape(tuple(column[0] for column in cursor.description))._make(values)


def value(sql: str, *params: object) -> Any:  # noqa: ANN401  a column may hold anything
    """The first column of the first row, or None."""
    values = db.execute_sql(sql, params).fetchone()
    return None if values is None else values[0]


def execute(sql: str, *params: object) -> int:
    """Run a statement; how many rows it touched."""
    return int(db.execute_sql(sql, params).rowcount)


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of the open transaction that may fail on its own."""
    with db.savepoint():
        yield


def constraint_of(error: BaseException) -> str:
    """The name of the violated constraint in a peewee IntegrityError, or an empty text."""
    diag = getattr(getattr(error, "orig", error), "diag", None)
    return getattr(diag, "constraint_name", None) or ""


@lru_cache(maxsize=512)
def _shape(columns: tuple[str, ...]) -> Any:  # noqa: ANN401
    return NamedTuple("Row", [(name, Any) for name in columns])


def _connect() -> None:
    try:
        db.connect(reuse_if_open=True)
    except MaxConnectionsExceeded as error:
        raise Busy(N_("We are very busy right now. Please try again in a moment.")) from error
    except Exception as error:
        raise Unavailable(N_("We cannot reach our records right now. Please try again in a moment.")) from error


def _first_statement(sql: str, params: Sequence[object]) -> Any:  # noqa: ANN401
    """BEGIN on a pooled connection; one that the server closed meanwhile is replaced once."""
    try:
        return db.execute_sql(sql, params or None)
    except Exception as error:
        if not _is_connection_loss(error):
            raise
        _drop_connection()
        db.close_idle()  # the others in the pool are as old as this one
        _connect()
        return db.execute_sql(sql, params or None)


def _is_connection_loss(error: BaseException) -> bool:
    cause = getattr(error, "orig", None) or error.__cause__ or error
    if isinstance(cause, psycopg2.errors.QueryCanceled | psycopg2.errors.LockNotAvailable):
        return False
    return isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError)


def _raise_as_busy(error: BaseException) -> None:
    """A lock waited for too long, a cut-off statement or a deadlock is Busy; a lost server Unavailable."""
    cause = getattr(error, "orig", None) or error.__cause__ or error
    if isinstance(
        cause,
        psycopg2.errors.LockNotAvailable | psycopg2.errors.QueryCanceled | psycopg2.errors.DeadlockDetected,
    ):
        raise Busy(N_("Somebody else is changing this right now. Please try again.")) from error
    if _is_connection_loss(error):
        raise Unavailable(N_("We cannot reach our records right now. Please try again in a moment.")) from error


def _end(statement: str) -> None:
    try:
        db.execute_sql(statement)
    except Exception:  # noqa: BLE001  the connection is gone, and with it the transaction
        _drop_connection()
    else:
        db.close()


def _drop_connection() -> None:
    """Close the connection for good instead of giving it back to the pool."""
    if not db.is_closed():
        db.manual_close()
