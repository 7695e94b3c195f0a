"""The arithmetic of documents. Pure: net + tax = gross on every line, and the lines are the totals.

Tax was rounded once per line when the booking was priced; here nothing is rounded again but what a cancellation keeps.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from portal.invoices.document import Line, TaxRow
from portal.kernel.money import BP_WHOLE, round_half_up, split
from portal.kernel.tax import TaxMode


class Sums(NamedTuple):
    """What lines come to."""

    net_cents: int
    tax_cents: int

    @property
    def total_cents(self) -> int:
        """Net and tax."""
        return self.net_cents + self.tax_cents


ByRate = dict[Decimal, Sums]


def by_rate(lines: Iterable[Line]) -> ByRate:
    """The sums of each rate, the highest first."""
    found: ByRate = {}
    for line in lines:
        before = found.get(line.tax_rate_bp, Sums(0, 0))
        found[line.tax_rate_bp] = Sums(before.net_cents + line.net_cents, before.tax_cents + line.tax_cents)
    return dict(sorted(found.items(), reverse=True))


def tax_rows(lines: Iterable[Line]) -> tuple[TaxRow, ...]:
    """The sums of each rate as a document prints them."""
    return tuple(TaxRow(rate, sums.net_cents, sums.tax_cents) for rate, sums in by_rate(lines).items())


def sums(lines: Iterable[Line]) -> Sums:
    """The totals. Raises ValueError for a line that does not add up."""
    net = tax = 0
    for line in lines:
        if line.net_cents + line.tax_cents != line.gross_cents:
            msg = f"{line.description}: {line.net_cents} + {line.tax_cents} is not {line.gross_cents}"
            raise ValueError(msg)
        net, tax = net + line.net_cents, tax + line.tax_cents
    return Sums(net, tax)


def minus(whole: ByRate, parts: Sequence[ByRate]) -> ByRate:
    """What is left of the sums of each rate; rates of which nothing is left are gone."""
    left = dict(whole)
    for part in parts:
        for rate, taken in part.items():
            before = left.get(rate, Sums(0, 0))
            left[rate] = Sums(before.net_cents - taken.net_cents, before.tax_cents - taken.tax_cents)
    return {rate: each for rate, each in left.items() if each != Sums(0, 0)}


def kept(whole: ByRate, kept_cents: int) -> ByRate:
    """How an amount that is kept of a price divides into the rates, tax included, in proportion to what they came to.

    No part, neither net nor tax, is more than there was.
    """
    weights = [each.total_cents for each in whole.values()]
    kept_parts = split(kept_cents, weights) if kept_cents else [0] * len(weights)
    return {
        rate: _taken_out(part, rate, each) for (rate, each), part in zip(whole.items(), kept_parts, strict=True) if part
    }


def _taken_out(gross: int, rate_bp: Decimal, most: Sums) -> Sums:
    net = round_half_up(Fraction(gross) * BP_WHOLE / (BP_WHOLE + Fraction(rate_bp)))
    net = min(max(net, gross - most.tax_cents), most.net_cents)
    return Sums(net, gross - net)


def lines_of(sums_by_rate: ByRate, description: str, tax_mode: TaxMode) -> tuple[Line, ...]:
    """One line for each rate."""
    return tuple(
        Line(
            description=description,
            quantity=1,
            unit_cents=each.net_cents if tax_mode is TaxMode.EXCLUSIVE else each.total_cents,
            discount_cents=0,
            net_cents=each.net_cents,
            tax_rate_bp=rate,
            tax_cents=each.tax_cents,
            gross_cents=each.total_cents,
        )
        for rate, each in sums_by_rate.items()
    )
