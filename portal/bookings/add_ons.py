"""Other add-ons for what is sold already. Pure: what a couple may choose, and the lines that come of it.

Law: what was sold keeps the price it was sold at; only what comes on top costs what it costs today. What is taken back
is taken from the newest lines first. An add-on that is not offered any more can become fewer, never more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from portal.bookings import pricing
from portal.bookings.policy.wishes import add_on_field
from portal.bookings.pricing import PricedLine
from portal.bookings.queries import LineView
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_


class Offered(Protocol):
    """What is sold of an add-on today."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def price_cents(self) -> int: ...
    @property
    def tax_rate_bp(self) -> Decimal: ...
    @property
    def max_quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """An add-on with how many there are, may be and must be; ``price_cents``: of one more, if there is one."""

    id: UUID
    name: str
    description: str
    price_cents: int | None
    quantity: int
    least: int
    most: int

    @property
    def field(self) -> str:
        """Its name in a form."""
        return add_on_field(self.id)


@dataclass(frozen=True, slots=True)
class _Sold:
    """An add-on as a line has it, to be priced again in another number."""

    id: UUID
    name: str
    price_cents: int
    tax_rate_bp: Decimal


def choices(lines: Sequence[LineView], offered: Sequence[Offered], *, may_be_fewer: bool) -> list[Choice]:
    """What can be chosen: everything that is offered, and what was sold and no longer is."""
    counts, names = _counts(lines), {line.add_on_id: line.description for line in lines}
    found = [
        Choice(
            id=each.id,
            name=each.name,
            description=each.description,
            price_cents=each.price_cents,
            quantity=counts.get(each.id, 0),
            least=0 if may_be_fewer else counts.get(each.id, 0),
            most=max(each.max_quantity, counts.get(each.id, 0)),
        )
        for each in offered
    ]
    known = {each.id for each in offered}
    gone = [(key, count) for key, count in counts.items() if key not in known]
    return found + [
        Choice(key, names[key], "", None, count, 0 if may_be_fewer else count, count) for key, count in gone
    ]


def faults(quantities: Mapping[UUID, int], found: Sequence[Choice]) -> dict[str, PortalError]:
    """What is wrong with the numbers, by field."""
    known = {each.id for each in found}
    wrong: dict[str, PortalError] = {}
    if any(quantity for key, quantity in quantities.items() if key not in known):
        wrong[""] = Invalid(N_("One of the add-ons is not offered any more. Please check what you chose."))
    for each in found:
        wanted = quantities.get(each.id, each.quantity)
        if not each.least <= wanted <= each.most:
            sentence = N_("Please choose a number from %(least)s to %(most)s.")
            wrong[each.field] = Invalid(sentence, least=each.least, most=each.most)
    return wrong


def relined(
    lines: Sequence[LineView], quantities: Mapping[UUID, int], offered: Sequence[Offered], tax_mode: TaxMode
) -> list[PricedLine]:
    """The lines with other numbers of add-ons. What is not named stays as it is; ``faults`` has found nothing wrong."""
    counts, left = _counts(lines), dict[UUID, int]()
    for key, wanted in quantities.items():
        left[key] = wanted - counts.get(key, 0)
    fewer = list(_fewer(lines, left, tax_mode))
    more = [(each, left[each.id]) for each in offered if left.get(each.id, 0) > 0]
    return _with_more(list(reversed(fewer)), more, tax_mode)


def _fewer(lines: Sequence[LineView], left: dict[UUID, int], tax_mode: TaxMode) -> Iterator[PricedLine]:
    """From the last line to the first, less what is taken back."""
    for line in reversed(lines):
        taken = min(line.quantity, -left.get(line.add_on_id, 0)) if line.add_on_id else 0
        if line.add_on_id is None or taken <= 0:
            yield _as_sold(line)
            continue
        left[line.add_on_id] += taken
        if taken < line.quantity:
            yield _again(_as_sold(line), line.quantity - taken, tax_mode)


def _with_more(lines: list[PricedLine], more: Sequence[tuple[Offered, int]], tax_mode: TaxMode) -> list[PricedLine]:
    """With what comes on top: in the line that has today's price already, or in a new one."""
    for add_on, extra in more:
        new = pricing.add_on_line(add_on, extra, tax_mode)
        at = next((i for i, line in enumerate(lines) if _price_of(line) == _price_of(new)), None)
        if at is None:
            lines.append(new)
        else:
            lines[at] = _again(lines[at], lines[at].quantity + extra, tax_mode)
    return lines


def _again(line: PricedLine, quantity: int, tax_mode: TaxMode) -> PricedLine:
    """A line at its own price in another number."""
    assert line.add_on_id is not None  # noqa: S101  asked of add-ons alone
    sold = _Sold(line.add_on_id, line.description, line.unit_cents, line.tax_rate_bp)
    return replace(pricing.add_on_line(sold, quantity, tax_mode), tax_rate_bp=line.tax_rate_bp)


def _as_sold(line: LineView) -> PricedLine:
    return PricedLine(**{name: getattr(line, name) for name in PricedLine.__slots__})


def _price_of(line: PricedLine) -> tuple[UUID | None, int, Decimal]:
    return line.add_on_id, line.unit_cents, line.tax_rate_bp


def _counts(lines: Sequence[LineView]) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for line in lines:
        if line.add_on_id:
            counts[line.add_on_id] = counts.get(line.add_on_id, 0) + line.quantity
    return counts
