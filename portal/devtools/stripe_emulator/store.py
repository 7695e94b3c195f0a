"""Everything the emulator remembers: one SQLite database behind one lock.

Objects are JSON documents; keys that begin with an underscore are the emulator's own notes and are never
shown. Callers wrap what belongs together in `transaction()`; it may be nested.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, account, seq);
CREATE INDEX IF NOT EXISTS object_intent ON object (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_open_until ON object (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, endpoint TEXT NOT NULL, digest TEXT NOT NULL,
    status INTEGER NOT NULL, answer TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS endpoint (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, connect INTEGER NOT NULL, types TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
"""


class Store:
    """The documents and tables, safe to use from many threads."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        path = ":memory:" if folder is None else str(folder / "stripe.sqlite")
        self.lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self.lock:
            self._db.close()

    def clear(self) -> None:
        """Forget all objects, idempotency keys and deliveries."""
        with self.transaction():
            for table in ("object", "idempotency", "delivery"):
                self._db.execute(f"DELETE FROM {table}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. A failure inside a nested block undoes that block alone."""
        with self.lock:
            name = f"level_{self._depth}"
            self._db.execute(f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute(f"ROLLBACK TO {name}")
                raise
            finally:
                self._depth -= 1
                self._db.execute(f"RELEASE {name}")

    def execute(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self.lock:
            return self._db.execute(statement, values).fetchall()

    def read_setting(self, name: str) -> str | None:
        """A value kept by name."""
        rows = self.execute("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def write_setting(self, name: str, value: str) -> None:
        """Keep a value by name."""
        self.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    def save(self, account: str, doc: Doc) -> None:
        """Insert the document, or replace the one with its id."""
        self.execute(
            "INSERT INTO object (id, kind, account, created, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            doc["id"],
            doc["object"],
            account,
            doc.get("created", 0),
            json.dumps(doc),
        )

    def load(self, kind: str, object_id: str, account: str) -> Doc | None:
        """The document, if this account owns one of that kind and id."""
        rows = self.execute(
            "SELECT body FROM object WHERE id = ? AND kind = ? AND account = ?", object_id, kind, account
        )
        return json.loads(rows[0]["body"]) if rows else None

    def owner(self, kind: str, object_id: str) -> str | None:
        """The account that owns this object, whoever asks."""
        rows = self.execute("SELECT account FROM object WHERE id = ? AND kind = ?", object_id, kind)
        return str(rows[0]["account"]) if rows else None

    def select(self, kind: str, account: str, where: Mapping[str, object] | None = None) -> list[Doc]:
        """The account's documents of a kind whose fields have these values, newest first."""
        conditions, values = "", list[object]()
        for field, value in (where or {}).items():
            conditions += f" AND json_extract(body, '$.{field}') = ?"
            values.append(value)
        rows = self.execute(
            f"SELECT body FROM object WHERE kind = ? AND account = ?{conditions} ORDER BY seq DESC",
            kind,
            account,
            *values,
        )
        return [json.loads(row["body"]) for row in rows]
