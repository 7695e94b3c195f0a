"""The cast of the walks, made once: nobody in it may change anything that matters to the others."""

import secrets
from collections.abc import Iterator

import pytest

from portal.devtools.embedded_postgres import Cluster
from portal.settings import Settings
from portal.web.application import Application
from tests.hostile import routes as all_routes
from tests.hostile.cast import House, forget_limits, house
from tests.hostile.routes import Route
from tests.support import databases


@pytest.fixture(scope="package", autouse=True)
def _database_of_the_walks(cluster: Cluster, connected: Settings) -> Iterator[None]:
    """What was written is seen by summing up all rows, so there are none but those of the cast."""
    with (
        databases.cloned(cluster) as name,
        databases.connected(cluster.app_url(name), back_to=connected.database_url),
    ):
        yield


@pytest.fixture(scope="package")
def theirs(connected: Settings) -> House:
    """The business that is walked upon."""
    return house(f"qz{secrets.token_hex(4)}theirs")


@pytest.fixture(scope="package")
def ours(connected: Settings) -> House:
    """The rival's, where the walker is at home."""
    return house(f"qz{secrets.token_hex(4)}ours")


@pytest.fixture(scope="package")
def routes(app: Application, connected: Settings) -> list[Route]:
    """Every form of the site, at a business where some of them will be taken."""
    return all_routes.every(app, house(f"qz{secrets.token_hex(4)}forms"))


@pytest.fixture(autouse=True)
def _unlimited() -> None:
    forget_limits()
