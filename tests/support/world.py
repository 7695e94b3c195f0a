"""Tenants for tests, made through the services. Every call makes a new one, so that no test sees another's."""

import secrets
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Unpack
from uuid import UUID

from portal.catalog import service as catalog
from portal.db import database
from portal.kernel import time
from portal.tenants import queries
from portal.tenants.queries import TenantView
from portal.tenants.rules import TenantFields


@dataclass
class Business:
    """A tenant and what it sells."""

    tenant: TenantView
    resource_ids: list[UUID]
    packages: dict[str, UUID] = field(default_factory=dict)
    add_ons: dict[str, UUID] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.tenant.id

    @property
    def slug(self) -> str:
        return self.tenant.slug

    @property
    def resource_id(self) -> UUID:
        return self.resource_ids[0]

    def url(self, path: str = "") -> str:
        return f"/t/{self.slug}/{path}"

    def package(
        self,
        slug: str = "whole-day",
        *,
        cents: int = 200_000,
        days: int = 1,
        buffer_days: int = 0,
        rate_bp: str = "0",
        resource: int = 0,
    ) -> UUID:
        """One more package."""
        self.packages[slug] = catalog.create_package(
            self.id,
            resource_id=self.resource_ids[resource],
            slug=slug,
            name=slug.replace("-", " ").capitalize(),
            summary="From the morning to the first dance.",
            base_price_cents=cents,
            tax_rate_bp=Decimal(rate_bp),
            days=days,
            buffer_days=buffer_days,
            position=len(self.packages),
        )
        return self.packages[slug]

    def add_on(self, name: str = "Album", *, cents: int = 30_000, rate_bp: str = "0", most: int = 3) -> UUID:
        """One more add-on, offered with every package there is."""
        self.add_ons[name] = catalog.create_add_on(
            self.id,
            name=name,
            price_cents=cents,
            tax_rate_bp=Decimal(rate_bp),
            max_quantity=most,
            packages=list(self.packages.values()),
        )
        return self.add_ons[name]


def open_business(*, resources: tuple[str, ...] = ("Calendar",), **fields: Unpack[TenantFields]) -> Business:
    """A tenant that nobody else uses: New York, dollars, half now, no tax, one resource, nothing to sell yet."""
    defaults: TenantFields = {
        "slug": f"shop-{secrets.token_hex(6)}",
        "name": "Juniper & Rye",
        "timezone": "America/New_York",
        "currency": "USD",
        "locale": "en_US",
        "tax_mode": "none",
        "deposit_percent": 50,
        "balance_due_days": 30,
        "contact_email": "hello@juniper.example",
        "terms": "The deposit is not given back.",
    }
    defaults.update(fields)
    tenant_id, resource_ids = catalog.open_tenant(at=time.now(), resources=resources, **defaults)
    with database.reading(tenant_id):
        return Business(queries.get(tenant_id), resource_ids)


def open_shop(**fields: Unpack[TenantFields]) -> Business:
    """A tenant with one package for 2,000.00 and one add-on for 300.00."""
    business = open_business(**fields)
    business.package()
    business.add_on()
    return business
