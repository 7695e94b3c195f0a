"""Two hundred clients post the booking form at once, over HTTP, to the server as it runs for real."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest

from portal.db import database
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.paths import tail
from portal.payments import gateway
from portal.payments.stripe_gateway import StripeGateway
from portal.settings import Settings
from tests.support import databases, world
from tests.support import site as sites
from tests.support.couples import in_half_a_year
from tests.support.crowds import all_at_once
from tests.support.days import claims_of
from tests.support.proving import broken_promises
from tests.support.site import Site
from tests.support.visitors import Visitor, fill_in
from tests.support.world import Business

CLIENTS = 200
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(
    cluster: Cluster, environment: dict[str, str], connected: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Two processes of web, so that rivals meet in the database alone; and this process at the same database."""
    with sites.running(cluster, environment, tmp_path_factory.mktemp("site")) as running:
        running.web.stop()
        running.start_web(WEB_CONCURRENCY="2")
        before = gateway.current()
        gateway.install(StripeGateway("sk_test_emulator", running.stripe.base_url))
        with databases.connected(running.database_url, back_to=connected.database_url):
            yield running
        gateway.install(before)


@pytest.fixture
def shop(site: Site) -> Business:
    """A business at this site."""
    return world.open_shop()


def filled(site: Site, shop: Business, number: int, day: date) -> tuple[Visitor, dict[str, str]]:
    """A couple that has opened the form and filled it in."""
    visitor = Visitor(site.url)
    return visitor, fill_in(visitor, shop, day, name=f"anna{number}")


def status(shop: Business, visitor: Visitor, fields: dict[str, str]) -> str:
    """How the form is answered; a conflict says so at its date, and keeps what was typed."""
    answer = visitor.post(shop.url("book/whole-day"), fields)
    if answer.status == 409:
        assert "Nothing was charged" in answer.text or "not free any more" in answer.text
        assert answer.form()["first_partner"] == fields["first_partner"]
    if answer.status == 303:
        assert "/c/pay/" in answer.location
    return str(answer.status)


def count(shop: Business, table: str) -> int:
    with database.reading(shop.id):
        return int(database.value(f"SELECT count(*) FROM {table}"))


def test_one_date_is_sold_to_one_of_two_hundred(site: Site, shop: Business) -> None:
    day = in_half_a_year(shop)
    couples = [filled(site, shop, number, day) for number in range(CLIENTS)]
    ends = all_at_once(partial(status, shop, *couple) for couple in couples)
    assert ends == {"303": 1, "409": CLIENTS - 1}, tail(site.web.log)
    assert list(claims_of(shop)) == [(shop.resource_id, day)]
    written = {name: count(shop, name) for name in ("customer", "booking", "booking_line", "checkout", "booking_event")}
    assert set(written.values()) == {1}, written
    assert broken_promises() == []


def test_two_hundred_dates_are_sold_to_two_hundred(site: Site, shop: Business) -> None:
    days = [in_half_a_year(shop, plus=plus) for plus in range(CLIENTS)]
    couples = [filled(site, shop, number, day) for number, day in enumerate(days)]
    ends = all_at_once(partial(status, shop, *couple) for couple in couples)
    assert ends == {"303": CLIENTS}, tail(site.web.log)
    assert {day for _, day in claims_of(shop)} == set(days)
    assert count(shop, "booking") == CLIENTS
    sessions = {request.idempotency_key for request in site.stripe.requests if request.path == "/v1/checkout/sessions"}
    assert len(sessions) >= CLIENTS
    assert broken_promises() == []
