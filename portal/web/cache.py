"""What is published, kept ready: a small store in the process, Redis behind it when there is one.

A key begins with the tenant's id and holds the tenant's ``published_version``, which every change of what is published
raises in the same transaction; so a change empties it everywhere at once and nothing is ever deleted. Values are texts.
What depends on the day or the month says so in its key.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import UUID

from flask import Flask, current_app

from portal import settings
from portal.tenants.language import CATALOGUES
from portal.web import redis_door

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_MOST_BYTES = 8 * 1024 * 1024
_LIVES_SECONDS = 3600


@dataclass
class Standing:
    """What ``/health/cache`` tells."""

    hits: int = 0
    misses: int = 0
    keys: int = 0


class _Store:
    """Least recently used first out, bounded by the length of the texts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> str | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: str, text: str) -> None:
        with self._lock:
            self._size += len(text) - len(self._kept.pop(key, ""))
            self._kept[key] = text
            while self._size > _MOST_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])

    def __len__(self) -> int:
        return len(self._kept)


_store = _Store()
_standing = Standing()


def remember(tenant_id: UUID, key: str, version: int, make: Callable[[], str]) -> str:
    """The text under a key of a tenant's published version; made when nobody has it."""
    full = f"{tenant_id}:{version}:{current_app.extensions['cache_build']()}:{key}"
    text = _store.get(full)
    if text is None:
        text = _from_redis(full)
    if text is not None:
        _standing.hits += 1
        return text
    _standing.misses += 1
    text = make()
    _store.put(full, text)
    _to_redis(full, text)
    return text


def standing() -> Standing:
    """Hits and misses of this process, and how many texts it keeps."""
    return Standing(_standing.hits, _standing.misses, len(_store))


def _from_redis(key: str) -> str | None:
    try:
        raw = redis_door.ask(lambda redis: redis.get(key))
    except redis_door.DownError:
        return None
    if not isinstance(raw, bytes):
        return None
    text = raw.decode()
    _store.put(key, text)
    return text


def _to_redis(key: str, text: str) -> None:
    try:
        redis_door.ask(lambda redis: redis.set(key, text, ex=_LIVES_SECONDS))
    except redis_door.DownError:
        return


def install(app: Flask, *, is_watched: bool) -> None:
    """Tell apart what different templates, texts, static files and switches made."""
    if is_watched:
        app.extensions["cache_build"] = lambda: _build(app.extensions["assets"].fingerprint)
    else:
        build = _build(app.extensions["assets"].fingerprint)
        app.extensions["cache_build"] = lambda: build


def _build(fingerprint: str) -> str:
    summary = hashlib.sha256(f"{fingerprint} {settings.current().features}".encode())
    for folder, pattern in ((_TEMPLATES, "**/*.html"), (CATALOGUES, "**/*.mo")):
        for path in sorted(folder.glob(pattern)):
            stat = path.stat()
            summary.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns};".encode())
    return summary.hexdigest()[:12]
