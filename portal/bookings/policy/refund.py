"""The refund formula: one function for the timeline, the quote, the execution and the API.

With C = captured and not yet given back, A = the part of C that is for add-ons past their date, and
F = kept part + flat fee:  kept₀ = min(C, F + A);  refund = round half up(tier % × (C − kept₀));  kept = C − refund.
In the cooling-off period the refund is C. Nothing more is ever owed, and the newest payment is given back first.

When the date is sold again, a further share of what was kept goes back: rebooked = round half up(rebooked % × kept).

While not everything is paid, A is the same share of the add-ons as C is of the total, rounded half up.
Worked examples stand in ``examples``. Answers are values; sentences are made where they are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from portal.bookings.policy.cancellation import CancellationPolicy
from portal.kernel.money import percent, round_half_up


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was sold: the total with tax, the add-ons in it, and the deposit that the terms speak of."""

    total_cents: int
    add_ons_cents: int
    deposit_cents: int


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold, for when, and on which local day the couple agreed to it."""

    amounts: Amounts
    event_on: date
    booked_on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment, and what is left of it: captured, not given back and not taken by a dispute."""

    payment_id: UUID
    left_cents: int
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What one payment gives back."""

    payment_id: UUID
    cents: int


class Reason(StrEnum):
    """Which rule decided."""

    COOLING_OFF = "cooling_off"
    TIER = "tier"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a refund is what it is. ``tier_days`` is the tier's, None when it was too late for each."""

    reason: Reason
    percent: int
    tier_days: int | None
    fixed_cents: int
    late_add_ons_cents: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A refund of a sum of money; ``refund_cents + kept_cents`` is all of it."""

    captured_cents: int
    refund_cents: int
    kept_cents: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Refund:
    """The same with the part of each payment, the newest first; parts of nothing are left out."""

    figures: Figures
    parts: tuple[Part, ...]


def refund(policy: CancellationPolicy, sold: Sold, payments: Sequence[Paid], *, on: date) -> Refund:
    """What a cancellation on a local day gives back."""
    captured = sum(paid.left_cents for paid in payments)
    figures = figures_of(
        policy,
        sold.amounts,
        captured,
        days_before=(sold.event_on - on).days,
        is_cooling_off=is_cooling_off(policy, sold, on),
    )
    return Refund(figures, tuple(spread(payments, figures.refund_cents)))


def rebooked_share(policy: CancellationPolicy, kept_cents: int) -> int:
    """The further share of what was kept, once the date is sold again."""
    return percent(kept_cents, policy.rebooked_percent)


def is_cooling_off(policy: CancellationPolicy, sold: Sold, on: date) -> bool:
    """Whether everything comes back on a day. It ends with the event's first day at the latest."""
    until = policy.cooling_off_until(sold.booked_on)
    return until is not None and on <= min(until, sold.event_on)


def figures_of(
    policy: CancellationPolicy, amounts: Amounts, captured_cents: int, *, days_before: int, is_cooling_off: bool
) -> Figures:
    """The formula itself."""
    tier = policy.tier(days_before)
    fixed = policy.kept_cents(amounts.deposit_cents) + policy.flat_fee_cents
    late = _late_add_ons(policy, amounts, captured_cents, days_before)
    if is_cooling_off:
        basis = Basis(Reason.COOLING_OFF, 100, tier.days if tier else None, 0, 0)
        return Figures(captured_cents, captured_cents, 0, basis)
    kept_at_least = min(captured_cents, fixed + late)
    back = percent(captured_cents - kept_at_least, tier.percent) if tier else 0
    basis = (
        Basis(Reason.TIER, tier.percent, tier.days, fixed, late)
        if tier
        else Basis(Reason.TOO_LATE, 0, None, fixed, late)
    )
    return Figures(captured_cents, back, captured_cents - back, basis)


def _late_add_ons(policy: CancellationPolicy, amounts: Amounts, captured_cents: int, days_before: int) -> int:
    if policy.add_ons_days is None or days_before >= policy.add_ons_days:
        return 0
    share = round_half_up(Fraction(amounts.add_ons_cents * captured_cents, amounts.total_cents))
    return min(share, amounts.add_ons_cents, captured_cents)


def spread(payments: Sequence[Paid], refund_cents: int) -> Iterator[Part]:
    """An amount over payments, the newest first."""
    owed = refund_cents
    for paid in sorted(payments, key=lambda each: (each.captured_at, each.payment_id), reverse=True):
        cents = min(owed, paid.left_cents)
        if cents > 0:
            owed -= cents
            yield Part(paid.payment_id, cents)
