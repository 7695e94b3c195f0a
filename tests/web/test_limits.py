"""Limits: counted for all processes in Redis, in the process without one, and never a reason for an error."""

from collections.abc import Iterator

import pytest

from portal.devtools import embedded_redis
from portal.devtools.embedded_redis import RedisServer
from portal.kernel.errors import TooMany
from portal.kernel.ids import uuid7
from portal.settings import Settings
from portal.web import limits, redis_door
from portal.web.application import Application
from tests.support import redis_servers

RULE = "3/15 minutes"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with embedded_redis.start() as running:
        yield running


@pytest.fixture(params=["process", "redis"])
def store(request: pytest.FixtureRequest, connected: Settings, server: RedisServer) -> Iterator[str]:
    if request.param == "process":
        yield "process"
        return
    with redis_servers.using(connected, server):
        yield "redis"


def refused(key: str, name: str = "login", tenant_id: object = None) -> TooMany | None:
    try:
        limits.hit(name, key, RULE, tenant_id=tenant_id)  # type: ignore[arg-type]
    except TooMany as error:
        return error
    return None


def test_the_one_too_many_is_refused_and_told_how_long(store: str) -> None:
    key = uuid7().hex
    assert [refused(key) for _ in range(3)] == [None] * 3
    error = refused(key)
    assert error
    assert 890 <= int(str(error.params["seconds"])) <= 900
    assert error.params["minutes"] == 15


def test_tenants_names_and_keys_are_counted_apart(store: str) -> None:
    key, mine, theirs = uuid7().hex, uuid7(), uuid7()
    for _ in range(3):
        limits.hit("login", key, RULE, tenant_id=mine)
    assert refused(key, tenant_id=mine)
    assert not refused(key, tenant_id=theirs)
    assert not refused(key)
    assert not refused(key, name="reset", tenant_id=mine)
    assert not refused(key + "x", tenant_id=mine)


def test_a_success_forgets_the_tries(store: str) -> None:
    key = uuid7().hex
    for _ in range(3):
        limits.hit("login", key, RULE)
    limits.clear("login", key, RULE)
    assert not refused(key)


def test_keys_begin_with_the_tenant_and_name_nobody(connected: Settings, server: RedisServer) -> None:
    tenant_id = uuid7()
    with redis_servers.using(connected, server):
        limits.hit("find-booking", "anna@example.com", RULE, tenant_id=tenant_id)
        keys = redis_door.client().keys(f"{tenant_id}*")
    assert len(keys) == 1
    assert "anna" not in str(keys[0])


def test_without_its_redis_it_counts_in_the_process(connected: Settings) -> None:
    key = uuid7().hex
    with embedded_redis.start() as gone, redis_servers.using(connected, gone):
        gone.kill()
        assert [refused(key) for _ in range(3)] == [None] * 3
        assert refused(key)


def test_when_redis_is_back_it_counts_there_again(connected: Settings) -> None:
    key = uuid7().hex
    with embedded_redis.start() as server, redis_servers.using(connected, server):
        server.kill()
        refused(key)
        server.start()
        assert not redis_door.client().keys("platform*")
        redis_servers.wake()
        refused(key)
        assert redis_door.client().keys("platform*")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_all_addresses_of_one_customer_are_counted_together(app: Application, address: str, counted: str) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert limits.sender() == counted
