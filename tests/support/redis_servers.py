"""A process whose settings name a Redis of the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portal import settings as settings_module
from portal.devtools.embedded_redis import RedisServer
from portal.settings import Settings
from portal.web import redis_door


def wake() -> None:
    """The next question is asked, however short ago there was no answer."""
    redis_door._quiet_until = 0.0


@contextmanager
def using(settings: Settings, server: RedisServer) -> Iterator[None]:
    """Limits and cache in this Redis for a while."""
    settings_module.install(replace(settings, redis_url=server.url))
    wake()
    try:
        yield
    finally:
        settings_module.install(settings)
        wake()
