"""A business's public pages: what they say, whose they are, what they cost the database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal.catalog import service as catalog
from portal.db import database
from portal.tenants import service as tenants
from tests.support import world
from tests.support.world import Business


def page(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def words(soup: BeautifulSoup) -> str:
    return " ".join(soup.get_text(" ").split())


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What is asked of the database from now on, without what opens and ends transactions."""
    said: list[str] = []
    execute = database.db.execute_sql

    def listening(sql: str, *params: object) -> object:
        if not sql.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SET LOCAL")):
            said.append(sql)
        return execute(sql, *params)

    monkeypatch.setattr(database.db, "execute_sql", listening)

    def taken() -> list[str]:
        found = list(said)
        said.clear()
        return found

    return taken


def test_the_storefront_shows_each_package_with_its_price_and_a_link(client: FlaskClient, shop: Business) -> None:
    shop.package("half-day", cents=123_450)
    soup = page(client, shop.url())
    assert soup.title is not None
    assert soup.title.text == shop.tenant.name
    links = {link["href"]: link.text for link in soup.select(".package h3 a")}
    assert links == {shop.url("packages/whole-day"): "Whole day", shop.url("packages/half-day"): "Half day"}
    assert "$2,000.00" in words(soup)
    assert "$1,234.50" in words(soup)


def test_a_storefront_speaks_and_counts_as_its_tenant_does(client: FlaskClient) -> None:
    shop = world.open_shop(locale="fr_FR", currency="EUR", timezone="Europe/Paris")
    soup = page(client, shop.url())
    assert soup.html is not None
    assert soup.html["lang"] == "fr-FR"
    assert "2 000,00 €" in words(soup).replace("\u202f", " ").replace("\xa0", " ")


def test_a_package_page_says_what_it_costs_when_it_is_paid_and_what_can_be_added(client: FlaskClient) -> None:
    shop = world.open_business(tax_mode="exclusive", tax_label="sales tax")
    catalog.create_package(
        shop.id, resource_id=shop.resource_id, slug="evening", name="Evening", base_price_cents=90_000,
        tax_rate_bp=Decimal("887.5"), description="One.\n\nTwo.", included="Candles\nMusic", days=2, buffer_days=1,
        max_guests=1200,
    )  # fmt: skip
    soup = page(client, shop.url("packages/evening"))
    text = words(soup)
    assert "plus 8.875% sales tax" in text
    assert "2 days · up to 1,200 guests" in text
    assert "A deposit of 50% makes the date yours." in text
    assert "The rest is due 30 days before your day." in text
    assert [item.text for item in soup.select(".ticks li")] == ["Candles", "Music"]
    assert [part.text for part in soup.select(".prose p")] == ["One.", "Two."]
    canonical = soup.select_one("link[rel=canonical]")
    assert canonical is not None
    assert canonical["href"] == f"http://localhost{shop.url('packages/evening')}"


def test_what_people_write_is_shown_as_text(client: FlaskClient) -> None:
    evil = "<script>alert(1)</script><!-- calendar -->"
    shop = world.open_business(name=evil, tagline=evil, intro=evil)
    catalog.create_package(
        shop.id, resource_id=shop.resource_id, slug="evil", name=evil, base_price_cents=1, summary=evil,
        description=evil, included=evil,
    )  # fmt: skip
    for url in (shop.url(), shop.url("packages/evil"), "/"):
        soup = page(client, url)
        assert not soup.find("script", src=False)
        assert soup.select_one("#dates") is not None or "packages" not in url


@pytest.mark.parametrize("path", ["", "packages/whole-day", "theme-000000000000.css"])
def test_an_unknown_business_is_a_friendly_404(client: FlaskClient, path: str) -> None:
    assert "no business at this address" in words(page(client, f"/t/nobody-at-all/{path}", 404))


def test_a_business_that_is_switched_off_has_no_pages(client: FlaskClient, shop: Business) -> None:
    tenants.change_tenant(shop.id, is_active=False)
    page(client, shop.url(), 404)
    page(client, shop.url("packages/whole-day"), 404)


@pytest.mark.parametrize("slug", ["nothing", "Whole-Day", "..%2F..%2Fetc", "a" * 300])
def test_an_unknown_package_is_a_friendly_404(client: FlaskClient, shop: Business, slug: str) -> None:
    page(client, shop.url(f"packages/{slug}"), 404)


def test_a_package_that_is_switched_off_or_a_rivals_is_not_shown(
    client: FlaskClient, shop: Business, rival: Business
) -> None:
    rival.package("only-there")
    catalog.change_package(shop.id, shop.packages["whole-day"], is_active=False)
    page(client, shop.url("packages/whole-day"), 404)
    page(client, shop.url("packages/only-there"), 404)
    assert "New packages are on their way" in words(page(client, shop.url()))


def test_a_change_is_seen_at_once_although_pages_are_kept(client: FlaskClient, shop: Business) -> None:
    for url in (shop.url(), shop.url("packages/whole-day")):
        assert "$2,000.00" in words(page(client, url))
    catalog.change_package(shop.id, shop.packages["whole-day"], base_price_cents=210_000)
    catalog.change_add_on(shop.id, shop.add_ons["Album"], name="Linen album")
    for url in (shop.url(), shop.url("packages/whole-day")):
        assert "$2,100.00" in words(page(client, url))
    assert "Linen album" in words(page(client, shop.url("packages/whole-day")))
    tenants.change_tenant(shop.id, tagline="Brand new")
    assert "Brand new" in words(page(client, shop.url()))


def test_the_pages_stay_within_their_statements(
    client: FlaskClient, statements: Callable[[], list[str]], shop: Business
) -> None:
    for at in range(25):
        shop.package(f"package-{at}")
    statements()
    for url, most in ((shop.url(), 4), (shop.url("packages/whole-day"), 6)):
        for warmth in ("cold", "warm"):
            page(client, url)
            said = statements()
            assert len(said) <= (most if warmth == "cold" else 2), (url, said)
            assert len(said) == len(set(said)), (url, said)


def test_nothing_is_written_by_looking(client: FlaskClient, shop: Business) -> None:
    def row_counts() -> list[object]:
        with database.reading(shop.id):
            return [database.value(f"SELECT count(*) FROM {table}") for table in ("package", "date_claim", "photo")]

    before = row_counts()
    page(client, shop.url())
    page(client, shop.url("packages/whole-day?month=2027-06"))
    assert row_counts() == before


def test_the_front_page_lists_businesses_that_want_it(client: FlaskClient, own_database: str) -> None:
    listed = world.open_shop(name="Listed here", tagline="Come in")
    hidden = world.open_shop(name="Rather not", is_listed=False)
    closed = world.open_shop(name="Closed down", is_active=False)
    soup = page(client, "/")
    links = {link["href"] for link in soup.select(".businesses a")}
    assert listed.url() in links
    assert not {hidden.url(), closed.url()} & links
    assert "Come in" in words(soup)


def test_a_business_has_a_style_sheet_of_its_own_that_browsers_keep(client: FlaskClient) -> None:
    shop = world.open_shop(brand_color="#AA3355")
    sheet = page(client, shop.url()).select_one("link[href*='/theme-']")
    assert sheet is not None
    answer = client.get(str(sheet["href"]))
    assert answer.mimetype == "text/css"
    assert "--brand: #aa3355" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(str(sheet["href"]), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    old = client.get(shop.url("theme-0123456789ab.css"))
    assert old.text == answer.text
    assert "immutable" not in old.headers["Cache-Control"]
