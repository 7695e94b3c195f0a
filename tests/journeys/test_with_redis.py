"""The same site with Redis: the queue, the cache and the limits are there, and the couple notices nothing."""

import json
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from portal.devtools import embedded_redis
from portal.devtools.embedded_postgres import Cluster
from portal.settings import Settings
from tests.journeys.conftest import photographers
from tests.support import databases, site
from tests.support.visit import visit

pytestmark = pytest.mark.slow


def test_with_redis_a_date_is_booked_and_the_mails_arrive(
    chrome: Browser,
    cluster: Cluster,
    connected: Settings,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with (
        embedded_redis.start() as redis,
        site.running(cluster, environment, tmp_path_factory.mktemp("redis"), redis=redis) as running,
        databases.connected(running.database_url, back_to=connected.database_url),
        visit(chrome, running, photographers()) as couple,
    ):
        assert couple.book()
        assert len(couple.mails(2)) == 2
        with urlopen(f"{running.url}/health") as health:  # noqa: S310  our own server
            assert json.load(health)["queue"] == "redis"
        with urlopen(f"{running.url}/health/cache") as cache:  # noqa: S310
            told = json.load(cache)
        assert told["connected"]
        assert told["keys"] > 0
        assert couple.said == []
