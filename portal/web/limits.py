"""How often something may be tried: counted in Redis for all processes, in the process while Redis is away.

``hit(name, key, "5/15 minutes")`` counts one try and raises ``TooMany`` for the one too many. Keys begin with the
tenant's id; what they name (addresses, accounts) is hashed, because it is personal.
"""

import hashlib
import hmac
import math
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address
from uuid import UUID

from flask import request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from portal import settings
from portal.kernel.errors import TooMany
from portal.kernel.text import N_
from portal.web import redis_door

PLATFORM = "platform"
_MINUTE = 60
_ONE_CUSTOMER = 64  # bits


def hit(name: str, key: str, rule: str, *, tenant_id: UUID | None = None) -> None:
    """Count a try. Raises ``TooMany`` with ``seconds`` until the next may be."""
    _ask(_try, name, key, rule, tenant_id)


def check(name: str, key: str, rule: str, *, tenant_id: UUID | None = None) -> None:
    """The same without counting, where only what fails is counted afterwards."""
    _ask(_look, name, key, rule, tenant_id)


def sender() -> str:
    """Whom to count a request for: its address, or the network of an IPv6 one.

    A provider gives every customer a /64 at least: counted singly, each would have 2⁶⁴ addresses to try from.
    """
    address = request.remote_addr or ""
    try:
        parsed = ip_address(address)
    except ValueError:  # a socket, or nothing
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Network((parsed, _ONE_CUSTOMER), strict=False))


def _ask(act: "_Act", name: str, key: str, rule: str, tenant_id: UUID | None) -> None:
    item = _item(rule, tenant_id)
    parts = (name, _hashed(key))
    try:
        is_allowed, resets_at = redis_door.ask(lambda _: act(_in_redis(settings.current().redis_url), item, parts))
    except redis_door.DownError:
        is_allowed, resets_at = act(_in_process(), item, parts)
    if not is_allowed:
        seconds = max(1, math.ceil(resets_at - time.time()))
        raise TooMany(
            N_("That was tried too often. Please wait %(minutes)s min and try again."),
            minutes=math.ceil(seconds / _MINUTE),
            seconds=seconds,
        )


def clear(name: str, key: str, rule: str, *, tenant_id: UUID | None = None) -> None:
    """Forget the tries, because one succeeded."""
    item, parts = _item(rule, tenant_id), (name, _hashed(key))
    _in_process().clear(item, *parts)
    try:
        redis_door.ask(lambda _: _in_redis(settings.current().redis_url).clear(item, *parts))
    except redis_door.DownError:
        return


class _TenantFirst(RedisStorage):
    """Keys as they are given, without a prefix before the tenant's id."""

    def prefixed_key(self, key: str) -> str:
        return key


def _try(limiter: MovingWindowRateLimiter, item: RateLimitItem, parts: tuple[str, str]) -> tuple[bool, float]:
    if limiter.hit(item, *parts):
        return True, 0.0
    return False, limiter.get_window_stats(item, *parts).reset_time


def _look(limiter: MovingWindowRateLimiter, item: RateLimitItem, parts: tuple[str, str]) -> tuple[bool, float]:
    if limiter.test(item, *parts):
        return True, 0.0
    return False, limiter.get_window_stats(item, *parts).reset_time


_Act = Callable[[MovingWindowRateLimiter, RateLimitItem, tuple[str, str]], tuple[bool, float]]


def _hashed(key: str) -> str:
    return hmac.new(settings.current().secret_key.encode(), key.encode(), hashlib.sha256).hexdigest()[:32]


def _item(rule: str, tenant_id: UUID | None) -> RateLimitItem:
    """A rule whose keys begin with the tenant's id."""
    parsed = _parsed(rule)
    return type(parsed)(parsed.amount, parsed.multiples, namespace=str(tenant_id or PLATFORM))


@lru_cache(maxsize=64)
def _parsed(rule: str) -> RateLimitItem:
    return parse(rule)


@lru_cache(maxsize=1)
def _in_process() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


@lru_cache(maxsize=4)
def _in_redis(url: str) -> MovingWindowRateLimiter:
    pool = redis_door.client().connection_pool
    return MovingWindowRateLimiter(_TenantFirst(url, connection_pool=pool))
