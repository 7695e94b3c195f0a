"""What every test may ask for: a real PostgreSQL with the migrations applied, the settings, the app, a client.

Tests commit for real and make their own tenant (``tests.support.world``), so they need no order and no clean-up.
``own_database`` is for sweeps across tenants and for frozen time.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal import factory
from portal.devtools import embedded_postgres
from portal.devtools.embedded_postgres import Cluster
from portal.settings import Settings
from portal.web.application import Application
from tests.support import databases, world
from tests.support.world import Business


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The embedded PostgreSQL of the tests."""
    with embedded_postgres.start(embedded_postgres.TESTS, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def database_name(cluster: Cluster) -> Iterator[str]:
    """The migrated database that the tests of this run share."""
    with databases.cloned(cluster) as name:
        yield name


@pytest.fixture(scope="session")
def environment(cluster: Cluster, database_name: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of an installation under test; copy it to change one."""
    return {
        "APP_ENV": "test",
        "SECRET_KEY": "only for tests, and long enough to be taken",
        "DATABASE_URL": cluster.app_url(database_name),
        "DATABASE_OWNER_URL": cluster.owner_url(database_name),
        "BASE_URL": "http://localhost",
        "STRIPE_SECRET_KEY": "sk_test_emulator",
        "STRIPE_WEBHOOK_SECRET": "whsec_tests",
        # Nothing listens there: a test that reaches for Stripe says so by starting the emulator.
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "GOOGLE_API_BASE": "http://127.0.0.1:9",
        "POSTMARK_WEBHOOK_SECRET": "only-for-tests-and-long-enough",
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    """The typed settings of this run."""
    return Settings.from_env(environment)


@pytest.fixture(scope="session")
def connected(settings: Settings) -> Settings:
    """A process that may call services; no web around it."""
    factory.connect(settings)
    return settings


@pytest.fixture(scope="session")
def app(connected: Settings) -> Application:
    """The web application."""
    return factory.create_app(connected)


@pytest.fixture
def client(app: Application) -> FlaskClient:
    """A browser without JavaScript and without cookies yet."""
    return app.test_client()


@pytest.fixture
def own_database(cluster: Cluster, connected: Settings) -> Iterator[str]:
    """A migrated database of this test's own, and this process connected to it; its name."""
    with (
        databases.cloned(cluster) as name,
        databases.connected(cluster.app_url(name), back_to=connected.database_url),
    ):
        yield name


@pytest.fixture
def shop(connected: Settings) -> Business:
    """A tenant with one package and one add-on."""
    return world.open_shop()


@pytest.fixture
def rival(connected: Settings) -> Business:
    """Another tenant, which must see nothing."""
    return world.open_shop(name="Rival & Co", contact_email="rival@rival.example")


@pytest.fixture
def var_dir(settings: Settings) -> Path:
    """Where this run keeps files."""
    return settings.var_dir
