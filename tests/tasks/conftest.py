"""Effects of an invented kind, and a queue on Redis or on PostgreSQL to ring with."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from portal import settings as settings_module
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.devtools import embedded_redis
from portal.devtools.embedded_redis import RedisServer
from portal.kernel.ids import uuid7
from portal.settings import Settings
from tasks import app, pace, reactions, relay
from tasks.claims import Effect
from tasks.pace import Pace

KIND = "test.effect"


@dataclass
class Errands:
    """Owes effects of one kind and remembers those that were carried out; ``fails`` counts down failures."""

    done: list[Effect] = field(default_factory=list)
    fails: int = 0

    def react(self, effect: Effect) -> None:
        if self.fails > 0:
            self.fails -= 1
            raise ConnectionError("the world is away")
        self.done.append(effect)

    def owe(self, kind: str = KIND) -> UUID:
        with database.writing(), platform_scope(reason="test"):
            effect_id = outbox.owe(kind, uuid7())
        assert effect_id is not None
        return effect_id


def stored(effect_id: UUID) -> Any:
    """The row of an effect."""
    with database.reading(), platform_scope(reason="test"):
        return database.row("SELECT * FROM outbox WHERE id = %s", effect_id)


def change(effect_id: UUID, changes: str) -> None:
    """Set columns of an effect's row, as time or an operator would."""
    with database.writing(), platform_scope(reason="test"):
        database.execute(f"UPDATE outbox SET {changes} WHERE id = %s", effect_id)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bells make no sound: the test itself says when an effect is carried out."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)


@pytest.fixture
def errands(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Errands]:
    """Effects in a database of the test's own. Nothing rings after a commit unless the test says so."""
    made = Errands()
    monkeypatch.setitem(reactions.REACTIONS, KIND, made.react)
    monkeypatch.setattr(relay, "_quiet_until", 0.0)
    outbox.install_doorbell(lambda _: None)
    yield made
    pace.install(Pace())
    relay._failing.clear()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis of this run's own."""
    with embedded_redis.start() as server:
        yield server


@pytest.fixture
def use_queue(settings: Settings, own_database: str, cluster: Any) -> Iterator[Any]:
    """Choose the queue of this process: an address of Redis, or nothing for PostgreSQL."""

    def use(redis_url: str, *, is_up: bool = True) -> None:
        chosen = replace(settings, redis_url=redis_url, database_url=cluster.app_url(own_database))
        settings_module.install(chosen)
        if is_up:
            app.open_queue().storage.flush_queue()

    yield use
    settings_module.install(settings)
