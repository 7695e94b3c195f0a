"""Reads of tenants. Other slices' policies take a ``TenantView`` and never a row."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_


@dataclass(frozen=True, slots=True)
class TenantView:
    """A tenant as it stands; the fields are the columns. Its policies are documents of ``bookings.policy``."""

    id: UUID
    slug: str
    name: str
    tagline: str
    intro: str
    timezone: str
    currency: str
    locale: str
    tax_mode: TaxMode
    tax_label: str
    deposit_percent: int | None
    balance_due_days: int
    commission_percent: Decimal
    stripe_account_id: str | None
    contact_email: str
    contact_phone: str
    address: str
    terms: str
    hero_image: str
    hero_alt: str
    brand_color: str
    is_active: bool
    is_listed: bool
    published_version: int
    created_at: datetime
    courtesy_days: int
    cancellation_policy: Mapping[str, Any]
    move_policy: Mapping[str, Any]
    details_cutoff_days: int
    undo_minutes: int

    @property
    def commission_bp(self) -> int:
        """The platform's share in basis points; exact, because the column has two decimals."""
        return int(self.commission_percent * 100)

    def today(self, at: datetime) -> date:
        """The calendar day at the tenant's place."""
        return time.today(self.timezone, at)


@dataclass(frozen=True, slots=True)
class ListedTenant:
    """A business as the platform's front page shows it."""

    slug: str
    name: str
    tagline: str
    address: str
    locale: str
    currency: str
    brand_color: str
    hero_image: str
    hero_alt: str


_COLUMNS = ", ".join(field.name for field in fields(TenantView))
_LISTED = ", ".join(field.name for field in fields(ListedTenant))


# The bound tenant's own row: goes along when an address says whose page it is.
BOUND = f"SELECT {_COLUMNS} FROM tenant WHERE id = current_tenant()"


def get(tenant_id: UUID) -> TenantView:
    """The tenant; raises NotFound."""
    found = database.row(f"SELECT {_COLUMNS} FROM tenant WHERE id = %s", tenant_id)
    if found is None:
        raise NotFound(N_("This business does not exist."))
    return view(found)


def view(row: database.Row) -> TenantView:
    """A row that ``BOUND`` found."""
    return TenantView(*row._replace(tax_mode=TaxMode(row.tax_mode)))


def listed() -> list[ListedTenant]:
    """Active businesses that want to be on the front page, by name."""
    with database.reading(), platform_scope(reason="the front page lists businesses"):
        found = database.rows(
            f"SELECT {_LISTED} FROM tenant WHERE is_active AND is_listed ORDER BY name, slug LIMIT 100"
        )
    return [ListedTenant(*row) for row in found]


def todays(at: datetime) -> tuple[list[str], list[date]]:
    """Every time zone of a business, and which day it is there: for statements about all tenants, in platform scope.

    Days are told by our own table of zones: one that the server's does not know would end the round for everybody.
    """
    zones = [row.timezone for row in database.rows("SELECT DISTINCT timezone FROM tenant")]
    return zones, [time.today(zone, at) for zone in zones]
