"""The queue on Redis and on PostgreSQL: what goes through it, and what happens when it is gone."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.devtools.embedded_redis import RedisServer
from portal.devtools.ports import free_port
from portal.kernel.ids import uuid7
from tasks import app, relay
from tests.tasks.conftest import KIND, Errands, stored

NOBODY = f"redis://127.0.0.1:{free_port()}/0"


@pytest.fixture(params=["redis", "postgresql"])
def either_queue(request: pytest.FixtureRequest, use_queue: Callable[..., None], redis_server: RedisServer) -> str:
    use_queue(redis_server.url if request.param == "redis" else "")
    return str(request.param)


@pytest.fixture(autouse=True)
def can_ring(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_quiet_until", 0.0)


def test_a_bell_goes_in_and_comes_out(either_queue: str) -> None:
    effect_id = uuid7()
    relay.ring(effect_id)
    task = app.huey.dequeue()
    assert task.args == [str(effect_id)]
    assert app.huey.storage.queue_size() == 0


def test_a_bell_for_later_waits_in_the_schedule(either_queue: str) -> None:
    relay.bell.schedule(args=(str(uuid7()),), delay=30)
    app.huey.execute(app.huey.dequeue())
    assert app.huey.storage.queue_size() == 0
    now = app.huey._get_timestamp()
    assert app.huey.read_schedule(now) == []
    assert len(app.huey.read_schedule(now + timedelta(seconds=31))) == 1


def test_what_lies_in_the_queue_is_json_and_holds_an_id_alone(either_queue: str) -> None:
    effect_id = uuid7()
    relay.ring(effect_id)
    (raw,) = app.huey.storage.enqueued_items()
    fields = json.loads(bytes(raw))
    assert fields["args"] == [str(effect_id)]
    assert not any(fields[name] for name in ("kwargs", "on_complete", "on_error"))


def test_an_effect_rings_after_its_commit_and_not_before(use_queue: Callable[..., None], errands: Errands) -> None:
    use_queue("")
    outbox.install_doorbell(relay.ring)
    with database.writing(), platform_scope(reason="test"):
        outbox.owe(KIND, uuid7())
        assert app.huey.storage.queue_size() == 0
    assert app.huey.storage.queue_size() == 1


def test_a_dead_redis_costs_nobody_their_booking(use_queue: Callable[..., None], errands: Errands) -> None:
    use_queue(NOBODY, is_up=False)
    outbox.install_doorbell(relay.ring)
    effect_id = errands.owe()
    assert stored(effect_id).status == "due"


def test_without_a_queue_the_sweeper_carries_out_by_itself(use_queue: Callable[..., None], errands: Errands) -> None:
    use_queue(NOBODY, is_up=False)
    effects = [errands.owe() for _ in range(3)]
    relay.sweep()
    assert [effect.id for effect in errands.done] == effects
    assert {stored(effect_id).status for effect_id in effects} == {"done"}


def test_a_sweeper_that_is_told_to_stop_begins_nothing_more(use_queue: Callable[..., None], errands: Errands) -> None:
    use_queue(NOBODY, is_up=False)
    errands.owe()
    relay.sweep(lambda: True)
    assert errands.done == []


def test_a_flushed_redis_loses_bells_and_nothing_else(
    use_queue: Callable[..., None], redis_server: RedisServer, errands: Errands
) -> None:
    use_queue(redis_server.url)
    effect_id = errands.owe()
    relay.ring(effect_id)
    app.huey.storage.conn.flushall()
    assert app.huey.dequeue() is None
    relay.sweep()
    assert app.huey.dequeue().args == [str(effect_id)]


def test_a_queue_full_of_bells_gets_no_more_of_them(
    use_queue: Callable[..., None], redis_server: RedisServer, errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_queue(redis_server.url)
    monkeypatch.setattr(relay, "_ENOUGH_BELLS", 2)
    errands.owe()
    for _ in range(3):
        relay.sweep()
    assert app.huey.storage.queue_size() == 2
