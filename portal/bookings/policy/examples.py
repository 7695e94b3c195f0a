"""Worked examples of the refund formula: the tests hold the formula to them, and the owner's help page shows them."""

from dataclasses import dataclass

from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier
from portal.bookings.policy.refund import Amounts


@dataclass(frozen=True, slots=True)
class Example:
    """A cancellation 60 days before the event, in minor units. ``add_ons_cents`` are past their date."""

    paid_cents: int
    kept: Kept
    percent: int
    refund_cents: int
    flat_fee_cents: int = 0
    booking_fee_cents: int = 0
    add_ons_cents: int = 0
    days_after_booking: int | None = None  # within a cooling-off period of 14 days
    rebooked_percent: int = 0
    rebooked_cents: int = 0  # goes back as well once the date is sold again

    DAYS_BEFORE = 60
    TOTAL_CENTS = 180_000
    DEPOSIT_CENTS = 90_000

    @property
    def amounts(self) -> Amounts:
        """What was sold for 1,800.00 with a deposit of a half."""
        return Amounts(self.TOTAL_CENTS, self.add_ons_cents, self.DEPOSIT_CENTS)

    @property
    def policy(self) -> CancellationPolicy:
        """The terms."""
        return CancellationPolicy(
            tiers=(Tier(self.DAYS_BEFORE, self.percent),),
            kept=self.kept,
            booking_fee_cents=self.booking_fee_cents,
            flat_fee_cents=self.flat_fee_cents,
            add_ons_days=self.DAYS_BEFORE + 1 if self.add_ons_cents else None,
            cooling_off_days=0 if self.days_after_booking is None else 14,
            rebooked_percent=self.rebooked_percent,
        )


EXAMPLES = (
    Example(90_000, Kept.DEPOSIT, 100, 0),
    Example(180_000, Kept.DEPOSIT, 100, 90_000),
    Example(180_000, Kept.NOTHING, 50, 90_000),
    Example(180_000, Kept.NOTHING, 50, 85_000, flat_fee_cents=10_000),
    Example(180_000, Kept.NOTHING, 100, 150_000, add_ons_cents=30_000),
    Example(90_000, Kept.NOTHING, 100, 75_000, add_ons_cents=30_000),
    Example(180_000, Kept.FEE, 50, 75_000, flat_fee_cents=10_000, booking_fee_cents=20_000),
    Example(180_000, Kept.DEPOSIT, 50, 180_000, days_after_booking=3),
    Example(180_000, Kept.DEPOSIT, 50, 45_000, rebooked_percent=80, rebooked_cents=108_000),
)
