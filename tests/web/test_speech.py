"""Pages speak their tenant's language, and never the one of the request before."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from portal.kernel.errors import DateTaken, Invalid
from portal.kernel.money import Money
from portal.tenants.language import language
from portal.web import speech
from portal.web.application import Application
from tests.support import world

NEW_YORK, LONDON, PARIS = (
    language("en_US", "America/New_York"),
    language("en_GB", "Europe/London"),
    language("fr_FR", "Europe/Paris"),
)
DAY, AT = date(2027, 6, 12), datetime(2027, 6, 12, 23, 5, tzinfo=UTC)
NBSP, THIN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (NEW_YORK.money(185_000, "USD"), "$1,850.00"),
        (LONDON.money(185_000, "GBP"), "£1,850.00"),
        (PARIS.money(185_000, "EUR"), f"1{THIN}850,00{NBSP}€"),
        (NEW_YORK.money(1850, "JPY"), "¥1,850"),
        (NEW_YORK.money(-500, "USD"), "-$5.00"),
        (NEW_YORK.percent_bp(Decimal("887.50")), "8.875%"),
        (LONDON.percent_bp(2000), "20%"),
        (PARIS.percent_bp(550), f"5,5{THIN}%"),
        (NEW_YORK.date_long(DAY), "Saturday, June 12, 2027"),
        (LONDON.date_long(DAY), "Saturday, 12 June 2027"),
        (PARIS.date_long(DAY), "samedi 12 juin 2027"),
        (NEW_YORK.time_at_place(AT), f"7:05{THIN}PM (New York time)"),
        (PARIS.time_at_place(AT), f"01:05 (heure locale{NBSP}: Paris)"),
        (PARIS.date_long(date(2027, 6, 1)), "mardi 1er juin 2027"),
        (PARIS.date_short(date(2027, 1, 1)), "1er janv. 2027"),
        (LONDON.date_long(date(2027, 6, 1)), "Tuesday, 1 June 2027"),
        (NEW_YORK.date_medium(DAY), "June 12, 2027"),
        (LONDON.date_short(DAY), "12 Jun 2027"),
        (NEW_YORK.month_title(DAY), "June 2027"),
        (PARIS.month_title(DAY), "juin 2027"),
        (LONDON.datetime_medium(AT), "13 Jun 2027, 00:05"),
        (PARIS.datetime_medium(AT), "13 juin 2027, 01:05"),
        (NEW_YORK.number(1850), "1,850"),
    ],
)
def test_figures_and_dates_are_those_of_the_place(shown: str, expected: str) -> None:
    assert shown.replace(THIN, " ").replace(NBSP, " ") == expected.replace(THIN, " ").replace(NBSP, " ")


def test_an_instant_is_shown_on_the_tenants_clock() -> None:
    assert NEW_YORK.datetime_medium(AT).replace(THIN, " ") == "Jun 12, 2027, 7:05 PM"


def test_an_errors_dates_and_amounts_are_in_its_readers_language() -> None:
    error = DateTaken("%(day)s costs %(amount)s.", day=DAY, amount=Money(500, "GBP"))
    assert LONDON.error(error) == "12 June 2027 costs £5.00."
    assert LONDON.error(Invalid("First: %(error)s", error=error)) == "First: 12 June 2027 costs £5.00."
    assert LONDON.error("A text of 100%") == "A text of 100%"


def test_a_page_is_in_its_tenants_language_and_the_next_one_is_not(client: FlaskClient) -> None:
    french = world.open_shop(locale="fr_FR", timezone="Europe/Paris", currency="EUR")
    english = world.open_shop()
    for _ in range(2):
        page = client.get(french.url()).text
        assert '<html lang="fr-FR">' in page
        assert "€" in page
        assert '<html lang="en-US">' in client.get(english.url()).text
        assert '<html lang="en-US">' in client.get("/nowhere").text


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("fr", "fr-FR"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr-FR"),
        ("de-DE,de;q=0.9,fr;q=0.5,en;q=0.3", "fr-FR"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en-US"),
        ("de", "en-US"),
        ("", "en-US"),
        ("*", "en-US"),
        (";;q=é,,fr;q=zero", "en-US"),
        ("fr," * 4000, "en-US"),
    ],
)
def test_a_page_without_a_tenant_is_in_the_readers_language(client: FlaskClient, accepted: str, spoken: str) -> None:
    stranger = client.get("/manage/NOPE-NOPE", headers={"Accept-Language": accepted})
    assert f'<html lang="{spoken}">' in stranger.text
    assert "Accept-Language" in stranger.headers["Vary"]


def test_a_tenants_page_is_in_its_own_language_whoever_reads_it(client: FlaskClient) -> None:
    page = client.get(world.open_shop().url(), headers={"Accept-Language": "fr"})
    assert '<html lang="en-US">' in page.text
    assert "Accept-Language" not in page.headers["Vary"]


def test_flask_babel_speaks_the_same(app: Application) -> None:
    import flask_babel

    with app.test_request_context("/"):
        assert str(flask_babel.get_locale()) == "en_US"
        speech.speak("fr_FR", "Europe/Paris")
        assert str(flask_babel.get_locale()) == "fr_FR"
        assert str(flask_babel.get_timezone()) == "Europe/Paris"
        speech.listen("")


def test_a_text_that_counts_fills_in_its_number() -> None:
    assert NEW_YORK.ngettext("%(num)d guest", "%(num)d guests", 1) == "1 guest"
    assert NEW_YORK.ngettext("%(num)d guest", "%(num)d guests", 2) == "2 guests"
