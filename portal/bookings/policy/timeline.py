"""The terms as steps: until which day a cancellation gives how much back. Each step is the formula's own answer.

With a date the steps end on days; without one they end so many days before the event, and leave out the cooling-off
period, which counts from the booking. After the last step nothing comes back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.bookings.policy.cancellation import CancellationPolicy
from portal.bookings.policy.refund import Amounts, Sold, figures_of, is_cooling_off


@dataclass(frozen=True, slots=True)
class Step:
    """Up to the end of this day so much comes back."""

    until: date
    cents: int


@dataclass(frozen=True, slots=True)
class StepBefore:
    """Up to the end of the day so many days before the event so much comes back."""

    days: int
    cents: int


def steps(policy: CancellationPolicy, sold: Sold, captured_cents: int, *, today: date) -> tuple[Step, ...]:
    """The steps from a day on."""
    ends = _ends(policy)
    cooling_off_until = policy.cooling_off_until(sold.booked_on)
    if cooling_off_until:
        ends.add((sold.event_on - min(cooling_off_until, sold.event_on)).days)
    reach = (sold.event_on - today).days

    def back(days: int) -> int:
        is_free = is_cooling_off(policy, sold, sold.event_on - timedelta(days=days))
        return figures_of(policy, sold.amounts, captured_cents, days_before=days, is_cooling_off=is_free).refund_cents

    found = _joined((days for days in ends if days <= reach), back)
    return tuple(Step(sold.event_on - timedelta(days=step.days), step.cents) for step in found)


def steps_before(policy: CancellationPolicy, amounts: Amounts, captured_cents: int) -> tuple[StepBefore, ...]:
    """The steps of a date that is not chosen yet."""

    def back(days: int) -> int:
        return figures_of(policy, amounts, captured_cents, days_before=days, is_cooling_off=False).refund_cents

    return tuple(_joined(_ends(policy), back))


def _ends(policy: CancellationPolicy) -> set[int]:
    """The last days, counted before the event, on which something may hold."""
    return {0, *(tier.days for tier in policy.tiers), *([policy.add_ons_days] if policy.add_ons_days else [])}


def _joined(ends: Iterable[int], back: Callable[[int], int]) -> list[StepBefore]:
    """Steps with what they give back; equal neighbours are one, and nothing is no step."""
    found: list[StepBefore] = []
    for days in sorted(ends, reverse=True):
        cents = back(days)
        if found and found[-1].cents == cents:
            found.pop()
        found.append(StepBefore(days, cents))
    return [step for step in found if step.cents]
