"""Counters for Prometheus: requests and their times by route and status, what waits in the outbox.

Labels are routes, methods and status classes, never addresses or tenants, so that their number stays small. With
``PROMETHEUS_MULTIPROC_DIR`` the processes of a server add up; without it each speaks for itself.
"""

import os
import time
from collections.abc import Iterator
from functools import lru_cache

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REQUESTS = Counter("aisle_requests_total", "Requests answered", ["route", "method", "status"])
_SECONDS = Histogram(
    "aisle_request_seconds",
    "Time until the answer was ready",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def install(app: Flask) -> None:
    """Count every answer."""
    app.after_request(_count)


def exposition(*, outbox: dict[str, int], oldest_due_seconds: float) -> bytes:
    """All metrics as text, with the outbox as it stands now."""
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    asked = CollectorRegistry()
    asked.register(_Outbox(outbox, oldest_due_seconds))
    return generate_latest(counted) + generate_latest(asked)


class _Outbox(Collector):
    """The outbox as somebody has just found it; kept nowhere, unlike what is counted."""

    def __init__(self, rows: dict[str, int], oldest_due_seconds: float) -> None:
        self._rows = rows
        self._oldest_due_seconds = oldest_due_seconds

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        rows = GaugeMetricFamily("aisle_outbox_rows", "Rows of the outbox", labels=["status"])
        for status, count in self._rows.items():
            rows.add_metric([status], count)
        yield rows
        waiting = "How long the oldest due row has been waiting"
        yield GaugeMetricFamily("aisle_outbox_oldest_due_seconds", waiting, value=self._oldest_due_seconds)


@lru_cache(maxsize=1024)
def _request_counter(route: str, method: str, status: str) -> Counter:
    return _REQUESTS.labels(route, method, status)


@lru_cache(maxsize=256)
def _histogram(route: str) -> Histogram:
    return _SECONDS.labels(route)


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "unknown"
    method = request.method if request.method in {"GET", "HEAD", "OPTIONS", "POST"} else "other"
    _request_counter(route, method, f"{response.status_code // 100}xx").inc()
    _histogram(route).observe(time.perf_counter() - g.began)
    return response
