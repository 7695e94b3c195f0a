"""The task queue's side of the database, for installations without Redis.

Polling gets a connection of its own, apart from the pool that serves verbs; ringing is one short insert through the
pool. The rows are doorbells: losing them loses nothing, because the outbox is the truth.
"""

from peewee import PostgresqlDatabase

from portal.db import database

SCHEMA = "queue"


def connection_for_polling(url: str) -> PostgresqlDatabase:
    """A database handle that opens one connection per thread that polls."""
    return PostgresqlDatabase(url, options="-c statement_timeout=5000 -c timezone=UTC")


def push(queue: str, data: bytes, priority: float) -> None:
    """Put a task into the queue."""
    with database.writing():
        database.execute(
            f"INSERT INTO {SCHEMA}.task (queue, data, priority) VALUES (%s, %s, %s)", queue, data, priority
        )
