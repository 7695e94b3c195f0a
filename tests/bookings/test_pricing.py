"""Prices: lines add up, tax is net of gross, commission is rounded up."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bookings.pricing import commission, price
from portal.kernel.tax import TaxMode


@dataclass
class Package:
    """A package as pricing sees it."""

    name: str
    base_price_cents: int
    tax_rate_bp: Decimal


@dataclass
class AddOn:
    """An add-on as pricing sees it."""

    id: UUID
    name: str
    price_cents: int
    tax_rate_bp: Decimal


RATES = st.decimals(min_value=0, max_value=10_000, places=2)
CENTS = st.integers(min_value=1, max_value=100_000_000)
PACKAGES = st.builds(Package, st.just("Day"), CENTS, RATES)
ADD_ONS = st.lists(st.builds(AddOn, st.uuids(), st.just("Extra"), CENTS, RATES), max_size=5, unique_by=lambda a: a.id)


@given(PACKAGES, ADD_ONS, st.sampled_from(TaxMode), st.data())
def test_lines_add_up_and_net_and_tax_are_the_gross(
    package: Package, add_ons: list[AddOn], mode: TaxMode, data: st.DataObject
) -> None:
    quantities = {add_on.id: data.draw(st.integers(0, 999)) for add_on in add_ons}
    found = price(package, quantities, add_ons, mode)
    assert all(line.net_cents + line.tax_cents == line.gross_cents for line in found.lines)
    assert all(line.tax_cents >= 0 and line.net_cents >= 0 for line in found.lines)
    assert found.net_cents + found.tax_cents == found.total_cents
    assert sum(line.gross_cents for line in found.lines) == found.total_cents
    assert len(found.lines) == 1 + sum(1 for quantity in quantities.values() if quantity)


@given(PACKAGES, st.sampled_from([TaxMode.NONE, TaxMode.INCLUSIVE]))
def test_a_price_that_includes_its_tax_is_what_is_paid(package: Package, mode: TaxMode) -> None:
    assert price(package, {}, [], mode).total_cents == package.base_price_cents


def test_new_york_adds_its_sales_tax() -> None:
    found = price(Package("Full day", 185_000, Decimal("887.5")), {}, [], TaxMode.EXCLUSIVE)
    assert (found.net_cents, found.tax_cents, found.total_cents) == (185_000, 16_419, 201_419)


def test_a_venue_in_london_takes_its_tax_out_of_the_price() -> None:
    add_on = AddOn(uuid4(), "Fire pit", 12_001, Decimal(2000))
    found = price(Package("Weekend", 600_000, Decimal(2000)), {add_on.id: 2}, [add_on], TaxMode.INCLUSIVE)
    assert [(line.net_cents, line.tax_cents, line.gross_cents) for line in found.lines] == [
        (500_000, 100_000, 600_000),
        (20_002, 4_000, 24_002),
    ]


def test_an_add_on_that_is_not_offered_cannot_be_priced() -> None:
    with pytest.raises(ValueError, match="not offered"):
        price(Package("Day", 100, Decimal(0)), {uuid4(): 1}, [], TaxMode.NONE)


@given(CENTS, st.decimals(min_value=0, max_value=50, places=2))
def test_commission_is_never_less_than_its_share_and_less_than_a_cent_more(total_cents: int, percent: Decimal) -> None:
    found = commission(total_cents, percent)
    exact = total_cents * percent / 100
    assert exact <= found.cents < exact + 1
    assert found.rate_bp == percent * 100


def test_a_commission_finer_than_a_basis_point_is_refused() -> None:
    with pytest.raises(ValueError, match="basis points"):
        commission(100, Decimal("2.505"))
