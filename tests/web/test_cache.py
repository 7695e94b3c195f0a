"""The cache of what is published: per tenant, per version, and never in the way."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from portal.catalog import service as catalog
from portal.devtools import embedded_redis
from portal.kernel.ids import uuid7
from portal.settings import Settings
from portal.web import cache, redis_door
from portal.web.application import Application
from tests.support import redis_servers
from tests.support.world import Business


class Maker:
    """Makes a text, and counts how often."""

    def __init__(self, text: str = "made") -> None:
        self.text, self.times = text, 0

    def __call__(self) -> str:
        self.times += 1
        return self.text


@pytest.fixture(autouse=True)
def context(app: Application) -> Iterator[None]:
    with app.app_context():
        yield


def test_what_was_made_once_is_there() -> None:
    tenant_id, make = uuid7(), Maker()
    before = cache.standing()
    assert [cache.remember(tenant_id, "front", 1, make) for _ in range(3)] == ["made"] * 3
    after = cache.standing()
    assert (make.times, after.hits - before.hits, after.misses - before.misses) == (1, 2, 1)
    assert after.keys > 0


def test_tenants_keys_and_versions_do_not_meet() -> None:
    tenant_id = uuid7()
    assert cache.remember(tenant_id, "front", 1, Maker("one")) == "one"
    assert cache.remember(tenant_id, "front", 2, Maker("two")) == "two"
    assert cache.remember(tenant_id, "other", 1, Maker("three")) == "three"
    assert cache.remember(uuid7(), "front", 1, Maker("four")) == "four"


def test_a_change_of_what_is_published_shows_at_once(client: FlaskClient, shop: Business, rival: Business) -> None:
    for business in (shop, rival):
        assert "Whole day" in client.get(business.url()).text
    catalog.change_package(shop.id, shop.packages["whole-day"], name="Half a day")
    assert "Half a day" in client.get(shop.url()).text
    assert "Half a day" not in client.get(rival.url()).text


def test_another_process_finds_it_in_redis(connected: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant_id, make = uuid7(), Maker()
    with embedded_redis.start() as server, redis_servers.using(connected, server):
        cache.remember(tenant_id, "front", 1, make)
        forget(monkeypatch)
        assert cache.remember(tenant_id, "front", 1, make) == "made"
        assert make.times == 1
        assert len(redis_door.client().keys("*")) == len(redis_door.client().keys(f"{tenant_id}:1:*")) == 1


def test_a_redis_that_dies_costs_nothing_but_the_making(connected: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant_id, make = uuid7(), Maker()
    with embedded_redis.start() as server, redis_servers.using(connected, server):
        cache.remember(tenant_id, "front", 1, make)
        server.kill()
        forget(monkeypatch)
        assert cache.remember(tenant_id, "front", 1, make) == "made"
        assert make.times == 2


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)
    monkeypatch.setattr(cache, "_MOST_BYTES", 1000)
    tenant_id = uuid7()
    for number in range(50):
        cache.remember(tenant_id, str(number), 1, Maker("x" * 100))
    assert cache.standing().keys == 10
    last = Maker()
    assert cache.remember(tenant_id, "49", 1, last) == "x" * 100
    assert last.times == 0


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just begun."""
    monkeypatch.setattr(cache, "_store", type(cache._store)())
