"""Amounts and numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Invalid
from portal.tenants.language import language
from portal.web.forms import amounts

ENGLISH, FRENCH = language("en_US"), language("fr_FR")


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [("0", "USD", 0), (" 12.5 ", "USD", 1_250), ("1850.00", "USD", 185_000), ("1850", "JPY", 1_850), ("7", "USD", 700)],
)
def test_an_amount_is_read_in_minor_units(text: str, currency: str, cents: int) -> None:
    assert amounts.cents(text, currency, ENGLISH) == cents


def test_a_locale_with_a_comma_takes_it_and_the_point() -> None:
    assert amounts.cents("12,50", "EUR", FRENCH) == amounts.cents("12.50", "EUR", FRENCH) == 1_250


@pytest.mark.parametrize(
    "text",
    ["-1", "-0", "NaN", "Infinity", "1e5", "1e999999", "1_000", "１２", "٣", "1.234", "1,50", "", ".", "9" * 9_999],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        amounts.cents(text, "USD", ENGLISH)


def test_yen_have_no_decimals() -> None:
    with pytest.raises(Invalid):
        amounts.cents("100.5", "JPY", ENGLISH)


@given(st.integers(0, 10**11 - 1), st.sampled_from(["USD", "EUR", "JPY", "BHD"]), st.sampled_from([ENGLISH, FRENCH]))
def test_what_a_field_shows_is_read_as_the_same(cents: int, currency: str, locale: object) -> None:
    assert isinstance(locale, type(ENGLISH))
    text = amounts.shown(cents, currency, locale)
    if len(text.replace(",", ".").partition(".")[0]) <= 9:
        assert amounts.cents(text, currency, locale) == cents


@pytest.mark.parametrize("text", ["", "-1", "1.0", "+3", "１２", "1234567", "x"])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        amounts.whole(text)
