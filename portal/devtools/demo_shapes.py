"""The shapes of demo data: what a business sells, and when it is closed. Days are counted from the day of loading."""

from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class DemoBusiness:
    """A tenant with everything it has before the first couple comes."""

    fields: TenantFields
    tax_rate_bp: str
    accounts: tuple[Account, ...]
    packages: tuple[DemoPackage, ...]
    add_ons: tuple[DemoAddOn, ...]
    blackouts: tuple[DemoBlackout, ...]
    resources: tuple[str, ...] = field(default=("Calendar",))

    @property
    def slug(self) -> str:
        """The business's address."""
        return self.fields["slug"]
