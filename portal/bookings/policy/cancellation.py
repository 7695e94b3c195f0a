"""What a business gives back when a couple cancels: a value, and what makes it no sense.

Days count back from the first day of the event, as calendar days at the tenant's place, each to its end: a tier of
30 days still holds on the whole thirtieth day before. A boundary favours the couple.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import Invalid, PortalError
from portal.kernel.money import Money
from portal.kernel.text import N_

MOST_DAYS = 1_095  # as far ahead as a date can be booked
MOST_TIERS = 8
MOST_COOLING_OFF_DAYS = 90
MOST_CENTS = 100_000_000
_WHOLE = 100
Faults = dict[str, PortalError | str]


class Kept(StrEnum):
    """What the business keeps whenever a couple cancels."""

    NOTHING = "nothing"
    DEPOSIT = "deposit"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class Tier:
    """A cancellation so many days before the event, or earlier, gives this share of the rest back."""

    days: int
    percent: int


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """A business's or a package's terms. Tiers go from the earliest day to the latest; after the last it is nothing.

    Add-ons past ``add_ons_days`` are not given back; None treats them as everything else. Once the date is sold again,
    ``rebooked_percent`` of what was kept goes back as well.
    """

    tiers: tuple[Tier, ...]
    kept: Kept
    booking_fee_cents: int
    flat_fee_cents: int
    add_ons_days: int | None
    cooling_off_days: int
    rebooked_percent: int = 0

    def kept_cents(self, deposit_cents: int) -> int:
        """The part that is kept, before the flat fee."""
        return {Kept.NOTHING: 0, Kept.DEPOSIT: deposit_cents, Kept.FEE: self.booking_fee_cents}[self.kept]

    def tier(self, days_before: int) -> Tier | None:
        """The tier of a day so many days before the event; None when it is too late for each."""
        return next((tier for tier in self.tiers if tier.days <= days_before), None)

    def cooling_off_until(self, booked_on: date) -> date | None:
        """The last day on which everything comes back; None without such a time."""
        return booked_on + timedelta(days=self.cooling_off_days) if self.cooling_off_days else None


def faults(policy: CancellationPolicy, *, price: Money | None = None, has_deposit: bool = True) -> Faults:
    """Why a policy makes no sense, by field: ``tier_days_1``, ``tier_percent_1``, … in the order of its tiers.

    ``price`` is the lowest price that it is for; a fee above it could never be kept.
    """
    found: Faults = dict(_tier_faults(policy.tiers))
    found.update(_fee_faults(policy, price))
    if policy.kept is Kept.DEPOSIT and not has_deposit:
        found["kept"] = Invalid(N_("You ask for no deposit, so there is none to keep. Choose a fee, or nothing."))
    for name, value, most in (
        ("add_ons_days", policy.add_ons_days or 0, MOST_DAYS),
        ("cooling_off_days", policy.cooling_off_days, MOST_COOLING_OFF_DAYS),
        ("rebooked_percent", policy.rebooked_percent, _WHOLE),
    ):
        if not 0 <= value <= most:
            found[name] = Invalid(N_("This must be between %(least)s and %(most)s."), least=0, most=most)
    return found


def _tier_faults(tiers: tuple[Tier, ...]) -> Iterator[tuple[str, PortalError]]:
    if len(tiers) > MOST_TIERS:
        yield "tiers", Invalid(N_("Please use at most %(most)s rows."), most=MOST_TIERS)
    for number, tier in enumerate(tiers, start=1):
        before = tiers[number - 2] if number > 1 else None
        if not 0 <= tier.days <= MOST_DAYS:
            yield f"tier_days_{number}", _between(MOST_DAYS)
        elif before and tier.days == before.days:
            yield f"tier_days_{number}", Invalid(N_("This number of days stands here twice."))
        elif before and tier.days > before.days:
            yield f"tier_days_{number}", Invalid(N_("Rows go from the most days to the fewest."))
        if not 0 <= tier.percent <= _WHOLE:
            yield f"tier_percent_{number}", _between(_WHOLE)
        elif before and tier.percent > before.percent:
            yield (
                f"tier_percent_{number}",
                Invalid(N_("Cancelling later cannot give back more than cancelling earlier.")),
            )
        elif before and tier.percent == before.percent:
            yield f"tier_percent_{number}", Invalid(N_("The row before says the same. Please leave one of them out."))


def _fee_faults(policy: CancellationPolicy, price: Money | None) -> Faults:
    found: Faults = {}
    fees = {"booking_fee": policy.booking_fee_cents, "flat_fee": policy.flat_fee_cents}
    for name, cents in fees.items():
        if not 0 <= cents <= MOST_CENTS:
            found[name] = Invalid(N_("This amount is too large, or below zero."))
        elif price and cents > price.cents:
            found[name] = Invalid(N_("This is more than the price of %(price)s."), price=price)
    if policy.kept is Kept.FEE and policy.booking_fee_cents == 0:
        found["booking_fee"] = Invalid(N_("Please give the fee that you keep, or choose to keep nothing."))
    if policy.kept is not Kept.FEE and policy.booking_fee_cents:
        found["booking_fee"] = Invalid(N_("A booking fee is only kept if you choose it above."))
    if price and not found and sum(fees.values()) > price.cents:
        found["flat_fee"] = Invalid(N_("Both fees together are more than the price of %(price)s."), price=price)
    return found


def _between(most: int) -> Invalid:
    return Invalid(N_("This must be between %(least)s and %(most)s."), least=0, most=most)
