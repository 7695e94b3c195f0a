"""The queue: Huey on Redis, or on our own PostgreSQL when there is no Redis.

It carries doorbells (ids of effects) and ticks, never data, as JSON; results are off. The storage is opened at first
use from the installed settings, so that importing a task opens nothing. Losing the whole queue loses nothing.
"""

import json
from datetime import datetime
from typing import Any

from huey.api import Huey
from huey.contrib.sql_huey import SqlStorage
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BlackHoleStorage, RedisStorage
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal import settings
from portal.db import queue

NAME = "aisle"
# A bell that cannot be rung at once is not worth a couple's time: the sweeper finds the row. Above huey's own wait for
# the next task (1 s), or every idle second would look like a lost connection.
_REDIS_PATIENCE = {"socket_connect_timeout": 0.5, "socket_timeout": 2.5}


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Tasks as JSON: what is in the queue can never be code."""

    def _serialize(self, data: object) -> bytes:
        return json.dumps(_plain(data)).encode()

    def _deserialize(self, data: bytes) -> object:
        fields = json.loads(data)
        if not isinstance(fields, dict):
            return fields
        if fields["eta"] is not None:
            fields["eta"] = datetime.fromisoformat(fields["eta"])
        return Message(**fields)


class PostgresStorage(SqlStorage):  # type: ignore[misc]
    """Huey's SQL storage in the schema that a migration made."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name, database=queue.connection_for_polling(url), create_tables=False)

    def create_models(self) -> tuple[Any, ...]:
        models: tuple[Any, ...] = super().create_models()
        for model in models:
            model._meta.schema = queue.SCHEMA  # noqa: SLF001  peewee's name for it
        return models

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Through the pool: a web thread that rings shall not keep a connection of its own."""
        queue.push(self.name, data, priority or 0)


huey = Huey(NAME, results=False, serializer=JsonSerializer(), storage_class=BlackHoleStorage)
_opened: list[tuple[str, str]] = []


def open_queue() -> Huey:
    """The queue of the installed settings."""
    chosen = settings.current()
    wanted = (chosen.redis_url, chosen.database_url)
    if _opened != [wanted]:
        huey.storage = _redis(chosen.redis_url) if chosen.redis_url else PostgresStorage(NAME, chosen.database_url)
        _opened[:] = [wanted]
    return huey


def _redis(url: str) -> RedisStorage:
    pool = ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), **_REDIS_PATIENCE)
    return RedisStorage(NAME, connection_pool=pool)


def _plain(data: object) -> object:
    if not isinstance(data, Message):
        return data
    fields = data._asdict()
    if fields["eta"] is not None:
        fields["eta"] = fields["eta"].isoformat()
    return fields
