"""PostgreSQL gone and back: a friendly 503 meanwhile, and service afterwards without restarting the site."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal import factory
from portal.db import database
from portal.db.migrate import migrate
from portal.devtools import embedded_postgres
from portal.devtools.embedded_postgres import Cluster
from portal.settings import Settings
from tests.support.forms import csrf_of
from tests.support.world import open_shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A server that may be stopped. Its own system user must be able to enter the directory."""
    with tempfile.TemporaryDirectory(prefix="aisle-pg-restart-") as name:
        Path(name).chmod(0o755)
        cluster = embedded_postgres.start("restart", durable=True, base=Path(name))
        yield cluster
        cluster.stop()


@pytest.fixture
def client(own_cluster: Cluster, connected: Settings) -> Iterator[FlaskClient]:
    """A browser on a site whose database is there."""
    own_cluster.drop_database("aisle")
    own_cluster.create_database("aisle")
    url = own_cluster.app_url("aisle")
    migrate(own_cluster.owner_url("aisle"), url)
    database.db.close_all()
    app = factory.create_app(replace(connected, database_url=url))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app.test_client()
    database.db.close_all()
    factory.connect(connected)


def restart(cluster: Cluster) -> None:
    cluster.server.start(lambda _: cluster.superuser_url)


def test_every_page_says_that_it_will_be_back_and_is(client: FlaskClient, own_cluster: Cluster) -> None:
    shop = open_shop()
    addresses = [
        "/",
        shop.url(),
        shop.url("packages/whole-day"),
        shop.url("find-booking"),
        "/manage/K7QM-2R9D",
        "/health",
    ]
    before = [client.get(address).status_code for address in addresses]
    own_cluster.server.stop()
    for address in addresses:
        gone = client.get(address)
        assert (gone.status_code, gone.headers["Retry-After"]) == (503, "5"), address
        assert address == "/health" or "cannot reach our records" in gone.text
    restart(own_cluster)
    assert [client.get(address).status_code for address in addresses] == before
    assert before[:4] == [200] * 4


def test_a_form_is_not_lost_without_a_word(client: FlaskClient, own_cluster: Cluster) -> None:
    shop = open_shop()
    token = csrf_of(client)
    own_cluster.server.stop()
    answer = client.post(shop.url("book/whole-day"), data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    restart(own_cluster)
    assert client.post(shop.url("book/whole-day"), data={"csrf_token": token}).status_code == 422
