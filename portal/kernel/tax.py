"""Tax on one line: net + tax = gross, always.

Exclusive: the price is net and the tax is added. Inclusive: the price is gross and the tax is taken out of it.
Rounded half up once per line, never on the sum.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from portal.kernel.money import BP_WHOLE, round_half_up, share


class TaxMode(StrEnum):
    """How a tenant's prices are meant."""

    NONE = "none"
    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


class Taxed(NamedTuple):
    """The three figures of a line, in minor units."""

    net: int
    tax: int
    gross: int


def apply_tax(price_cents: int, rate_bp: Decimal, mode: TaxMode) -> Taxed:
    """What a price comes to under a tax mode."""
    if mode is TaxMode.EXCLUSIVE:
        tax = round_half_up(share(price_cents, rate_bp))
        return Taxed(price_cents, tax, price_cents + tax)
    if mode is TaxMode.INCLUSIVE:
        net = round_half_up(Fraction(price_cents) * BP_WHOLE / (BP_WHOLE + Fraction(rate_bp)))
        return Taxed(net, price_cents - net, price_cents)
    return Taxed(price_cents, 0, price_cents)
