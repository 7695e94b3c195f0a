"""For machines: is everything there, what does the cache do, what is counted.

They open no tenant's rows and no transaction around themselves, so that they can tell when the database is gone.
"""

from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, jsonify, request

from portal import settings
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time
from portal.kernel.errors import Busy, NotFound, Unavailable
from portal.kernel.text import N_
from portal.web import cache, metrics, redis_door
from portal.web.application import without_transaction

bp = Blueprint("health", __name__)
_log = structlog.stdlib.get_logger("aisle.health")


@bp.get("/health")
@without_transaction
def index() -> Response:
    """200 while bookings can be taken, else 503; Redis away is worth telling, not worth stopping for."""
    at = time.now()
    found: dict[str, object] = {"status": "ok", "database": "ok", "queue": _queue()}
    try:
        _, oldest = _outbox(at)
        found["oldest_due_seconds"] = oldest
    except (Busy, Unavailable):
        _log.warning("the database does not answer")
        found |= {"status": "unavailable", "database": "down"}
    answer = jsonify(found)
    if found["status"] != "ok":
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        answer.headers["Retry-After"] = "5"
    return answer


@bp.get("/health/cache")
@without_transaction
def cached() -> Response:
    """Whether Redis answers, and how often what was wanted was there."""
    standing = cache.standing()
    try:
        is_connected = bool(redis_door.ask(lambda redis: redis.ping()))
    except redis_door.DownError:
        is_connected = False
    return jsonify(
        connected=is_connected,
        store="redis" if redis_door.is_configured() else "process",
        hits=standing.hits,
        misses=standing.misses,
        keys=standing.keys,
    )


@bp.get("/metrics")
@without_transaction
def counted() -> Response:
    """For Prometheus. In production only with ``METRICS_TOKEN``, and absent to everybody else."""
    token = settings.current().metrics_token
    if token:
        given = request.headers.get("Authorization", "")
        is_known = compare_digest(given.encode(), f"Bearer {token}".encode())
    else:
        is_known = not settings.current().is_production
    if not is_known:
        raise NotFound(N_("There is nothing at this address. Please check that you copied all of it."))
    rows, oldest = _outbox(time.now())
    text = metrics.exposition(outbox=rows, oldest_due_seconds=oldest)
    return Response(text, content_type=metrics.CONTENT_TYPE)


def _queue() -> str:
    if not redis_door.is_configured():
        return "postgresql"
    try:
        redis_door.ask(lambda redis: redis.ping())
    except redis_door.DownError:
        return "redis is down"
    return "redis"


def _outbox(at: datetime) -> tuple[dict[str, int], float]:
    """How many rows are waiting, leased or dead, and how long the oldest due one has been due."""
    with database.reading(), platform_scope(reason="the outbox of all tenants"):
        found = database.rows(
            # Each state by its own small index: "not done" would read all that was done for a month, every few seconds.
            "SELECT status, count(*) AS count, min(due_at) AS oldest FROM outbox"
            " WHERE status = 'due' OR status = 'leased' OR status = 'dead' GROUP BY status"
        )
    oldest = max((at - row.oldest for row in found if row.status == "due"), default=at - at)
    return {row.status: row.count for row in found}, max(0.0, round(oldest.total_seconds(), 1))
