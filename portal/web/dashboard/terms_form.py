"""Reading the form of a business's or a package's terms: every field once, each fault at its field, all kept as typed.

Empty rows do not count, and rows may come in any order: they are sorted, and faults find back to the row they are of.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from portal.bookings.policy.cancellation import MOST_TIERS, CancellationPolicy, Kept, Tier
from portal.bookings.policy.moving import MOST_FEES, MovePolicy, MovePrice
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_
from portal.tenants.language import Language
from portal.web.forms import amounts, single

OWN_CANCELLATION, OWN_MOVING = "own_cancellation", "own_moving"
_NUMBERED = re.compile(r"(tier_days|tier_percent|move_fee)_([0-9]+)", re.ASCII)
_T = TypeVar("_T")


@dataclass(slots=True)
class Reading:
    """What came, what is wrong with it, and the policies as far as they could be understood."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, PortalError | str] = field(default_factory=dict)
    cancellation: CancellationPolicy | None = None
    moving: MovePolicy | None = None
    tier_rows: list[int] = field(default_factory=list)  # the row of the form that each tier came from
    fee_rows: list[int] = field(default_factory=list)

    def blame(self, faults: dict[str, PortalError | str]) -> None:
        """Put faults of the policies at the rows they came from."""
        for name, fault in faults.items():
            found = _NUMBERED.fullmatch(name)
            if found:
                rows = self.fee_rows if found[1] == "move_fee" else self.tier_rows
                self.errors[f"{found[1]}_{rows[int(found[2]) - 1]}"] = fault
            else:
                self.errors[name] = fault


def read(form: MultiDict[str, str], currency: str, language: Language, *, of_package: bool) -> Reading:
    """The form that was posted. A package without terms of its own has None in their place."""
    reading = Reading()
    take = _Taker(form, reading, currency, language)
    if not of_package or take.ticked(OWN_CANCELLATION):
        reading.cancellation = _cancellation(take)
    if not of_package or take.ticked(OWN_MOVING):
        reading.moving = _moving(take)
    return reading


def values_of(
    cancellation: CancellationPolicy, moving: MovePolicy, currency: str, language: Language
) -> dict[str, str]:
    """The fields as they show what is saved."""

    def amount(cents: int) -> str:
        return amounts.shown(cents, currency, language) if cents else ""

    def optional(number: int | None) -> str:
        return "" if number is None else str(number)

    values = {
        "kept": cancellation.kept.value,
        "booking_fee": amount(cancellation.booking_fee_cents),
        "flat_fee": amount(cancellation.flat_fee_cents),
        "add_ons_days": optional(cancellation.add_ons_days),
        "cooling_off_days": optional(cancellation.cooling_off_days or None),
        "rebooked_percent": optional(cancellation.rebooked_percent or None),
        "cutoff_days": str(moving.cutoff_days),
        "free_moves": str(moving.free_moves),
        "farthest_days": optional(moving.farthest_days),
        "price": moving.price.value,
        "may_change_package": "1" if moving.may_change_package else "",
    }
    for row, tier in enumerate(cancellation.tiers, start=1):
        values |= {f"tier_days_{row}": str(tier.days), f"tier_percent_{row}": str(tier.percent)}
    return values | {f"move_fee_{row}": amount(cents) for row, cents in enumerate(moving.fees_cents, start=1)}


class _Taker:
    """Takes one field at a time: keeps its text, and its fault or its value."""

    def __init__(self, form: MultiDict[str, str], reading: Reading, currency: str, language: Language) -> None:
        self._form = form
        self.reading = reading
        self._currency, self._language = currency, language

    def __call__(self, name: str, understand: Callable[[str], _T], *, empty: _T | None = None) -> _T | None:
        try:
            text = single(self._form, name)
            self.reading.values[name] = text
            return understand(text) if text.strip() or empty is None else empty
        except Invalid as error:
            self.reading.errors[name] = error.fields.get(name, error)
            return None

    def text(self, name: str) -> str:
        return self(name, str) or ""

    def ticked(self, name: str) -> bool:
        return self.text(name) == "1"

    def amount(self, name: str) -> int:
        return self(name, lambda text: amounts.cents(text, self._currency, self._language), empty=0) or 0

    def number(self, name: str) -> int:
        return self(name, amounts.whole) or 0

    def number_or_none(self, name: str) -> int | None:
        return self(name, amounts.whole) if self.text(name).strip() else None

    def choice(self, name: str, known: Callable[[str], _T]) -> _T | None:
        def understand(text: str) -> _T:
            try:
                return known(text)
            except ValueError:
                raise Invalid(N_("Please choose one of these.")) from None

        return self(name, understand)


def _cancellation(take: _Taker) -> CancellationPolicy | None:
    before = len(take.reading.errors)
    rows: list[tuple[int, Tier]] = []
    for row in range(1, MOST_TIERS + 1):
        names = f"tier_days_{row}", f"tier_percent_{row}"
        if any(take.text(name).strip() for name in names):
            rows.append((row, Tier(take.number(names[0]), take.number(names[1]))))
    rows.sort(key=lambda each: -each[1].days)
    take.reading.tier_rows = [row for row, _ in rows]
    kept = take.choice("kept", Kept)
    # What stands in the field of a choice that is not taken says nothing.
    fee = take.amount("booking_fee") if kept is Kept.FEE else 0
    policy = CancellationPolicy(
        tiers=tuple(tier for _, tier in rows),
        kept=kept or Kept.NOTHING,
        booking_fee_cents=fee,
        flat_fee_cents=take.amount("flat_fee"),
        add_ons_days=take.number_or_none("add_ons_days"),
        cooling_off_days=take.number_or_none("cooling_off_days") or 0,
        rebooked_percent=take.number_or_none("rebooked_percent") or 0,
    )
    return policy if len(take.reading.errors) == before else None


def _moving(take: _Taker) -> MovePolicy | None:
    before = len(take.reading.errors)
    rows = [row for row in range(1, MOST_FEES + 1) if take.text(f"move_fee_{row}").strip()]
    take.reading.fee_rows = rows
    policy = MovePolicy(
        cutoff_days=take.number("cutoff_days"),
        free_moves=take.number("free_moves"),
        fees_cents=tuple(take.amount(f"move_fee_{row}") for row in rows),
        farthest_days=take.number_or_none("farthest_days"),
        price=take.choice("price", MovePrice) or MovePrice.OLD,
        may_change_package=take.ticked("may_change_package"),
    )
    return policy if len(take.reading.errors) == before else None
