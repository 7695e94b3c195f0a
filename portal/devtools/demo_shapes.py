"""The shapes of demo data: what a business sells, and when it is closed. Days are counted from the day of loading."""

from dataclasses import dataclass, field

from portal.bookings.policy.cancellation import CancellationPolicy, Kept, Tier
from portal.bookings.policy.moving import MovePolicy, MovePrice
from portal.devtools.demo_accounts import Account
from portal.tenants.rules import TenantFields


@dataclass(frozen=True)
class DemoPackage:
    """A package; ``pictures`` are names of the artwork's files, the first one stands for it."""

    slug: str
    name: str
    summary: str
    description: str
    included: tuple[str, ...]
    cents: int
    pictures: tuple[str, ...]
    days: int = 1
    buffer_days: int = 0
    max_guests: int | None = None
    resource: int = 0
    cancellation: CancellationPolicy | None = None


@dataclass(frozen=True)
class DemoAddOn:
    """An add-on; without ``packages`` it is offered with each."""

    name: str
    description: str
    cents: int
    max_quantity: int = 1
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoBlackout:
    """Days off. The first is so many days from today, or the next day of the year with this month and day."""

    first: int | tuple[int, int]
    days: int
    note: str
    resource: int = 0


def tiers(
    *rows: tuple[int, int], kept: Kept, add_ons_days: int | None = None, rebooked_percent: int = 0
) -> CancellationPolicy:
    """Terms for cancelling: so many days before the event, so many percent."""
    return CancellationPolicy(tuple(Tier(*row) for row in rows), kept, 0, 0, add_ons_days, 0, rebooked_percent)


def one_free_move(cutoff_days: int, *fees_cents: int) -> MovePolicy:
    """Terms for moving: once for free, within a year, at the same price; then for a fee if there is one."""
    return MovePolicy(cutoff_days, 1, fees_cents, 365, MovePrice.OLD, may_change_package=False)


@dataclass(frozen=True)
class DemoBusiness:
    """A tenant with everything it has before the first couple comes."""

    fields: TenantFields
    tax_rate_bp: str
    accounts: tuple[Account, ...]
    packages: tuple[DemoPackage, ...]
    add_ons: tuple[DemoAddOn, ...]
    blackouts: tuple[DemoBlackout, ...]
    cancellation: CancellationPolicy
    moving: MovePolicy
    resources: tuple[str, ...] = field(default=("Calendar",))

    @property
    def slug(self) -> str:
        """The business's address."""
        return self.fields["slug"]
