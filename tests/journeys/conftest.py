"""One running site and one Chromium for all journeys; each journey has a business and windows of its own."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser

from portal.devtools.embedded_postgres import Cluster
from portal.settings import Settings
from tests.support import browser, databases, site, world
from tests.support.site import Site
from tests.support.world import Business


@pytest.fixture(scope="package")
def running(cluster: Cluster, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site.running(cluster, environment, tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    with browser.chromium() as started:
        yield started


@pytest.fixture
def here(running: Site, connected: Settings) -> Iterator[Site]:
    """The site, and this process at its database."""
    with databases.connected(running.database_url, back_to=connected.database_url):
        yield running
    running.stripe.clear_faults()


@pytest.fixture
def bella(here: Site) -> Business:
    """Photographers in New York: half now, tax on top, listed on the front page."""
    return photographers()


def photographers() -> Business:
    """The same business each time, but for its address."""
    shop = world.open_business(
        name="Juniper & Rye",
        tagline="Photographs that still feel like the day",
        tax_mode="exclusive",
        tax_label="sales tax",
        brand_color="#8C5A5F",
        is_listed=True,
    )
    shop.package("whole-day", cents=320_000, rate_bp="887.5")
    shop.add_on("Linen album", cents=78_000, rate_bp="887.5", most=3)
    return shop


@pytest.fixture
def lumiere(here: Site) -> Business:
    """Florists in Paris: everything at once, tax included, in French."""
    return florists()


def florists() -> Business:
    """The same florists each time, but for their address."""
    shop = world.open_business(
        name="Atelier Aurore",
        tagline="Des fleurs, des images, et l’heure dorée",
        timezone="Europe/Paris",
        currency="EUR",
        locale="fr_FR",
        tax_mode="inclusive",
        tax_label="TVA",
        deposit_percent=None,
        commission_percent=Decimal(0),
        contact_email="bonjour@aurore.example",
        terms="La date est à vous dès que le paiement est arrivé.",
        is_listed=True,
    )
    shop.package("grand-bouquet", cents=190_000, rate_bp="2000")
    shop.add_on("Couronne de fleurs", cents=8_500, rate_bp="2000", most=3)
    return shop
