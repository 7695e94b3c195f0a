"""For machines: health says what is down, metrics count, and neither tells a stranger anything."""

import json
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

from portal import settings
from portal.db import database, outbox
from portal.devtools import embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.kernel.ids import uuid7
from portal.settings import Settings
from portal.web.application import Application
from tests.support import redis_servers
from tests.support.world import open_shop


def told(client: FlaskClient, path: str = "/health") -> dict[str, Any]:
    """What an address for machines says."""
    found: dict[str, Any] = client.get(path).get_json()
    return found


def test_health_is_ok_while_the_database_answers(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert {"status": "ok", "database": "ok", "queue": "postgresql"}.items() <= answer.get_json().items()


def test_health_tells_how_long_the_oldest_effect_has_been_due(client: FlaskClient, own_database: str) -> None:
    assert told(client)["oldest_due_seconds"] == 0
    shop = open_shop()
    with database.writing(shop.id):
        outbox.owe("booking.confirmed", uuid7())
        database.execute("SELECT pg_sleep(0.2)")
    assert told(client)["oldest_due_seconds"] > 0
    assert b'aisle_outbox_rows{status="due"} 1.0' in client.get("/metrics").data


def test_health_is_503_without_the_database_and_well_again_with_it(
    client: FlaskClient, own_database: str, cluster: Cluster
) -> None:
    database.db.close_all()
    database.configure("postgresql://aisle_app:x@127.0.0.1:9/none")
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.get_json()["database"] == "down"
    page = client.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "cannot reach our records" in page.text
    database.configure(cluster.app_url(own_database))
    assert client.get("/health").status_code == client.get("/").status_code == 200


def test_redis_away_is_told_and_is_no_reason_to_stop(client: FlaskClient, connected: Settings) -> None:
    with embedded_redis.start() as server, redis_servers.using(connected, server):
        assert told(client)["queue"] == "redis"
        assert told(client, "/health/cache")["connected"] is True
        server.kill()
        answer = client.get("/health")
        assert (answer.status_code, answer.get_json()["queue"]) == (200, "redis is down")
        assert told(client, "/health/cache")["connected"] is False
        assert client.get("/").status_code == 200


def test_the_caches_health_is_four_figures(client: FlaskClient) -> None:
    found = told(client, "/health/cache")
    assert set(found) == {"connected", "store", "hits", "misses", "keys"}
    assert found["store"] == "process"


def test_metrics_count_routes_and_never_addresses(client: FlaskClient) -> None:
    client.get("/t/some-shop-with-a-name/")
    text = client.get("/metrics").text
    assert 'aisle_requests_total{method="GET",route="/t/<slug>/",status="4xx"}' in text
    assert 'aisle_request_seconds_bucket{le="0.005",route="/t/<slug>/"}' in text
    assert "some-shop" not in text


def test_in_production_metrics_are_absent_without_their_token(production: Application) -> None:
    answer = production.test_client().get("/metrics")
    assert answer.status_code == 404
    assert "aisle_requests_total" not in answer.text


def test_with_a_token_metrics_are_for_those_who_have_it(client: FlaskClient, connected: Settings) -> None:
    settings.install(replace(connected, metrics_token="m" * 20))
    try:
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer nonsense"}).status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 404
        assert client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"}).status_code == 200
    finally:
        settings.install(connected)


def test_health_shows_no_settings(client: FlaskClient, connected: Settings) -> None:
    text = json.dumps(told(client)) + client.get("/health/cache").text
    assert "postgresql://" not in text
    assert connected.secret_key not in text
