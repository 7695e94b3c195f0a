"""Money: integers only, parts that add up to the whole, one rounding for each rule."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.money import Money, exponent, percent, round_half_up, round_up, share, split, total
from portal.kernel.tax import TaxMode, apply_tax

CENTS = st.integers(-(10**12), 10**12)
PRICES = st.integers(0, 10**8)
RATES = st.decimals(0, 10_000, places=2)
FRACTIONS = st.fractions(-(10**9), 10**9)


@given(CENTS, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(lambda weights: sum(weights) > 0))
def test_parts_add_up_to_the_whole_and_none_has_the_wrong_sign(cents: int, weights: list[int]) -> None:
    parts = split(cents, weights)
    assert sum(parts) == total(parts) == cents
    assert len(parts) == len(weights)
    assert all(part * cents >= 0 for part in parts)


@given(CENTS, st.lists(st.integers(1, 1000), min_size=1, max_size=12))
def test_no_part_is_further_than_a_cent_from_its_exact_share(cents: int, weights: list[int]) -> None:
    for part, weight in zip(split(cents, weights), weights, strict=True):
        assert abs(part - Fraction(cents * weight, sum(weights))) <= 1


def test_weights_must_be_something() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        split(100, [0, 0])


@given(FRACTIONS)
def test_half_up_is_the_nearest_and_even_handed(value: Fraction) -> None:
    rounded = round_half_up(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    assert round_half_up(-value) == -rounded


@pytest.mark.parametrize(("value", "expected"), [(Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(49, 100), 0)])
def test_halves_go_away_from_zero(value: Fraction, expected: int) -> None:
    assert round_half_up(value) == expected


@given(FRACTIONS)
def test_commission_is_rounded_up(value: Fraction) -> None:
    assert value <= round_up(value) < value + 1


@pytest.mark.parametrize(
    ("cents", "rate", "expected"), [(10_001, 50, 5001), (99, 50, 50), (1, 49, 0), (200_000, 30, 60_000)]
)
def test_a_deposit_is_a_percentage_halves_up(cents: int, rate: int, expected: int) -> None:
    assert percent(cents, rate) == expected


@given(PRICES, RATES, st.sampled_from(TaxMode))
def test_net_and_tax_are_always_the_gross(price: int, rate: Decimal, mode: TaxMode) -> None:
    taxed = apply_tax(price, rate, mode)
    assert taxed.net + taxed.tax == taxed.gross
    assert min(taxed) >= 0
    assert (taxed.net if mode is TaxMode.EXCLUSIVE else taxed.gross) == price


@given(PRICES, RATES)
def test_the_tax_taken_out_is_the_tax_that_would_be_added(price: int, rate: Decimal) -> None:
    taken = apply_tax(price, rate, TaxMode.INCLUSIVE)
    assert abs(taken.tax - share(taken.net, rate)) <= 1


@pytest.mark.parametrize(
    ("mode", "rate", "expected"),
    [
        (TaxMode.EXCLUSIVE, "887.5", (100_000, 8_875, 108_875)),
        (TaxMode.INCLUSIVE, "2000", (83_333, 16_667, 100_000)),
        (TaxMode.NONE, "2000", (100_000, 0, 100_000)),
    ],
)
def test_taxes_of_three_countries(mode: TaxMode, rate: str, expected: tuple[int, int, int]) -> None:
    assert apply_tax(100_000, Decimal(rate), mode) == expected


@pytest.mark.parametrize("cents", [1.0, Decimal(1), True, "1"])
def test_only_an_integer_is_an_amount(cents: object) -> None:
    with pytest.raises(TypeError):
        Money(cents, "EUR")  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "EUR") + Money(1, "USD")
    assert Money(1, "EUR") + Money(2, "EUR") - Money(3, "EUR") == Money(0, "EUR")
    assert not Money(0, "EUR")


@pytest.mark.parametrize(("currency", "major"), [("USD", "18.50"), ("JPY", "1850"), ("KWD", "1.850")])
def test_minor_units_differ_by_currency(currency: str, major: str) -> None:
    assert Money(1850, currency).major == Decimal(major)
    assert exponent(currency) == -Decimal(major).as_tuple().exponent  # type: ignore[operator]
