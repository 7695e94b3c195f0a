"""Redis for limits and cache: never waited for, never needed.

An answer that takes longer than a twentieth of a second is no answer. After one that failed nobody asks for a few
seconds, so that a dead Redis does not slow every page down; the callers then use what the process has.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from portal import settings

if TYPE_CHECKING:
    import redis

PATIENCE_SECONDS = 0.05
QUIET_SECONDS = 3.0
_Result = TypeVar("_Result")
_quiet_until = 0.0


class DownError(Exception):
    """No Redis is set, or it does not answer."""


def is_configured() -> bool:
    """Whether this installation has a Redis."""
    return bool(settings.current().redis_url)


def client() -> "redis.Redis":
    """The process's client; opens nothing by itself."""
    return _client(settings.current().redis_url)


def ask(question: Callable[["redis.Redis"], _Result]) -> _Result:
    """Redis's answer. Raises DownError at once, or after a twentieth of a second."""
    global _quiet_until  # noqa: PLW0603  one per process, as the Redis is
    if not is_configured() or time.monotonic() < _quiet_until:
        raise DownError
    from redis import RedisError  # noqa: PLC0415  it takes as long as Flask, and many installations have none

    try:
        return question(client())
    except (RedisError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        raise DownError from error


@lru_cache(maxsize=4)
def _client(url: str) -> "redis.Redis":
    import redis  # noqa: PLC0415  as above
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
