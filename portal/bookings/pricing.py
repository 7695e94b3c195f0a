"""What a package with its add-ons costs. Pure: each line carries net, tax and gross, and the lines are the total.

Tax is rounded once per line. The commission is a share of the total, rounded up to the next minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

from portal.kernel.money import round_up, share, total
from portal.kernel.tax import TaxMode, apply_tax

BP_PER_PERCENT = 100


class PricedPackage(Protocol):
    """What a package must say of itself to be priced."""

    @property
    def name(self) -> str: ...
    @property
    def base_price_cents(self) -> int: ...
    @property
    def tax_rate_bp(self) -> Decimal: ...


class PricedAddOn(Protocol):
    """What an add-on must say of itself to be priced."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def price_cents(self) -> int: ...
    @property
    def tax_rate_bp(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line; without an add-on it is the package itself."""

    add_on_id: UUID | None
    description: str
    quantity: int
    unit_cents: int
    net_cents: int
    tax_rate_bp: Decimal
    tax_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class Price:
    """All lines and their sums."""

    lines: list[PricedLine]
    net_cents: int
    tax_cents: int
    total_cents: int


class Commission(NamedTuple):
    """The platform's share: its rate in basis points and the amount."""

    rate_bp: int
    cents: int


def price(
    package: PricedPackage, quantities: Mapping[UUID, int], add_ons: Sequence[PricedAddOn], tax_mode: TaxMode
) -> Price:
    """The price of a package and of so many of each add-on. An add-on without a quantity is left out."""
    if unknown := {key for key, quantity in quantities.items() if quantity} - {add_on.id for add_on in add_ons}:
        msg = f"quantities of add-ons that are not offered: {unknown}"
        raise ValueError(msg)
    chosen = [(add_on, quantities.get(add_on.id, 0)) for add_on in add_ons]
    lines = [package_line(package, tax_mode)]
    lines += [add_on_line(add_on, quantity, tax_mode) for add_on, quantity in chosen if quantity]
    return price_of(lines)


def price_of(lines: Sequence[PricedLine]) -> Price:
    """The price that lines add up to, the package first."""
    return Price(
        lines=list(lines),
        net_cents=total(line.net_cents for line in lines),
        tax_cents=total(line.tax_cents for line in lines),
        total_cents=total(line.gross_cents for line in lines),
    )


def package_line(package: PricedPackage, tax_mode: TaxMode) -> PricedLine:
    """A package at the price it has now."""
    return _line(None, package.name, 1, package.base_price_cents, package.tax_rate_bp, tax_mode)


def add_on_line(add_on: PricedAddOn, quantity: int, tax_mode: TaxMode) -> PricedLine:
    """So many of an add-on, at the price it has now."""
    return _line(add_on.id, add_on.name, quantity, add_on.price_cents, add_on.tax_rate_bp, tax_mode)


def fee_line(description: str, fee_cents: int, tax_rate_bp: Decimal, tax_mode: TaxMode) -> PricedLine:
    """A fee as it was told, with its tax inside it, however the tenant's prices are meant."""
    if tax_mode is TaxMode.NONE:
        return PricedLine(None, description, 1, fee_cents, fee_cents, Decimal(0), 0, fee_cents)
    net, tax, gross = apply_tax(fee_cents, tax_rate_bp, TaxMode.INCLUSIVE)
    unit = net if tax_mode is TaxMode.EXCLUSIVE else gross
    return PricedLine(None, description, 1, unit, net, tax_rate_bp, tax, gross)


def commission(total_cents: int, commission_percent: Decimal) -> Commission:
    """The platform's share of a total; the percentage has at most two decimals."""
    rate_bp = commission_percent * BP_PER_PERCENT
    if rate_bp != int(rate_bp):
        msg = f"a commission of {commission_percent} % is no whole number of basis points"
        raise ValueError(msg)
    return commission_at(total_cents, int(rate_bp))


def commission_at(total_cents: int, rate_bp: int) -> Commission:
    """The platform's share of a total at a rate that was agreed."""
    return Commission(rate_bp, round_up(share(total_cents, rate_bp)))


def _line(  # noqa: PLR0917  one value per column
    add_on_id: UUID | None, description: str, quantity: int, unit_cents: int, tax_rate_bp: Decimal, tax_mode: TaxMode
) -> PricedLine:
    net, tax, gross = apply_tax(unit_cents * quantity, tax_rate_bp, tax_mode)
    rate = Decimal(0) if tax_mode is TaxMode.NONE else tax_rate_bp
    return PricedLine(add_on_id, description, quantity, unit_cents, net, rate, tax, gross)
