"""Money in integer minor units, and the only roundings there are.

No float ever. Parts always add up to the whole: ``split`` gives the last part the rest. A rate is basis
points as a Decimal, because a sales tax such as New York's 8.875 % is not a whole number of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# ISO 4217: currencies whose minor unit is not a hundredth.
# https://www.six-group.com/en/products-services/financial-information/data-standards.html
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_WITHOUT_DECIMALS.split(), 0) | dict.fromkeys(_WITH_THREE.split(), 3)
BP_WHOLE = 10_000


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount in minor units of a currency."""

    cents: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            msg = f"money is an integer of minor units, not {type(self.cents).__name__}"
            raise TypeError(msg)

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def __bool__(self) -> bool:
        return self.cents != 0

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            msg = f"{self.currency} and {other.currency} do not add up"
            raise ValueError(msg)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact, for display."""
        return Decimal(self.cents).scaleb(-exponent(self.currency))


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    return _EXPONENTS.get(currency, 2)


def round_half_up(value: Fraction) -> int:
    """To the nearest minor unit, halves away from zero."""
    magnitude = (abs(value) * 2 + 1) // 2
    return int(magnitude) if value >= 0 else -int(magnitude)


def round_up(value: Fraction) -> int:
    """To the next minor unit: the rule for commission."""
    return -int(-value // 1)


def share(cents: int, rate_bp: Decimal | int) -> Fraction:
    """An exact share of an amount; the caller chooses the rounding."""
    return Fraction(cents) * Fraction(rate_bp) / BP_WHOLE


def percent(cents: int, whole_percent: int) -> int:
    """A whole percentage of an amount, halves up: the rule for deposits."""
    return round_half_up(Fraction(cents * whole_percent, 100))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights; the parts add up to it and none has the wrong sign."""
    whole = sum(weights)
    if whole <= 0:
        msg = "weights must add up to more than nothing"
        raise ValueError(msg)
    parts: list[int] = []
    seen = given = 0
    for weight in weights:
        seen += weight
        upto = round_half_up(Fraction(total * seen, whole))
        parts.append(upto - given)
        given = upto
    return parts


def total(amounts: Iterable[int]) -> int:
    """The sum of minor units."""
    return sum(amounts)
