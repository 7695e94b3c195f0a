"""Puts a demo business into the database: tenant, people, packages, pictures, days off. Through the services alone."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.availability import service as availability
from portal.bookings import terms
from portal.catalog import service as catalog
from portal.devtools.demo_accounts import PASSWORD, Account
from portal.devtools.demo_shapes import DemoBlackout, DemoBusiness
from portal.identity import accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.tenants.rules import TenantFields

_MANIFEST = Path(__file__).with_name("artwork") / "manifest.json"


@dataclass(frozen=True)
class Picture:
    """A file of the artwork, told in the business's language."""

    src: str
    alt: str
    width: int
    height: int


def open_business(business: DemoBusiness, at: datetime, now: datetime) -> UUID:
    """Everything a business has before the first couple comes. It opened at an instant of the past."""
    hero = picture(business, "hero")
    fields: TenantFields = {**business.fields, "hero_image": hero.src, "hero_alt": hero.alt}
    tenant_id, resource_ids = catalog.open_tenant(at=at, resources=business.resources, **fields)
    _sell(business, tenant_id, resource_ids)
    terms.set_business_terms(tenant_id, business.cancellation, business.moving)
    owner_id, *_ = [_join(tenant_id, account, at) for account in business.accounts]
    today = time.today(business.fields["timezone"], now)
    for blackout in business.blackouts:
        first_on = first_day(blackout, today)
        availability.black_out(
            tenant_id,
            resource_id=resource_ids[blackout.resource],
            first_on=first_on,
            last_on=first_on + timedelta(days=blackout.days - 1),
            note=blackout.note,
            user_id=owner_id,
            at=at,
        )
    return tenant_id


def picture(business: DemoBusiness, name: str) -> Picture:
    """The picture of this name; raises KeyError."""
    entry = _manifest()[business.slug][name]
    alt = entry["alt_fr" if business.fields["locale"].startswith("fr") else "alt"]
    return Picture(entry["file"], alt, entry["width"], entry["height"])


def first_day(blackout: DemoBlackout, today: date) -> date:
    """When a blackout begins."""
    if isinstance(blackout.first, int):
        return today + timedelta(days=blackout.first)
    month, day = blackout.first
    this_year = date(today.year, month, day)
    return this_year if this_year > today else date(today.year + 1, month, day)


def _sell(business: DemoBusiness, tenant_id: UUID, resource_ids: list[UUID]) -> None:
    rate = Decimal(business.tax_rate_bp)
    ids: dict[str, UUID] = {}
    for position, package in enumerate(business.packages):
        ids[package.slug] = catalog.create_package(
            tenant_id,
            resource_id=resource_ids[package.resource],
            slug=package.slug,
            name=package.name,
            summary=package.summary,
            description=package.description,
            included="\n".join(package.included),
            base_price_cents=package.cents,
            tax_rate_bp=rate,
            days=package.days,
            buffer_days=package.buffer_days,
            max_guests=package.max_guests,
            position=position,
        )
        if package.cancellation:
            terms.set_package_terms(tenant_id, ids[package.slug], package.cancellation, None)
        for at, name in enumerate(package.pictures):
            shown = picture(business, name)
            catalog.add_photo(
                tenant_id, ids[package.slug],
                src=shown.src, alt=shown.alt, width=shown.width, height=shown.height, position=at,
            )  # fmt: skip
    for position, add_on in enumerate(business.add_ons):
        catalog.create_add_on(
            tenant_id,
            name=add_on.name,
            description=add_on.description,
            price_cents=add_on.cents,
            tax_rate_bp=rate,
            max_quantity=add_on.max_quantity,
            position=position,
            packages=[ids[slug] for slug in add_on.packages or ids],
        )


def _join(tenant_id: UUID, account: Account, at: datetime) -> UUID:
    user_id = accounts.user_id_by_email(account.email) or accounts.create_user(
        email=account.email, name=account.name, password=PASSWORD, at=at
    )
    accounts.add_member(tenant_id, user_id=user_id, role=Role(account.role), at=at)
    return user_id


@lru_cache(maxsize=1)
def _manifest() -> dict[str, dict[str, dict[str, Any]]]:
    """The artwork's manifest: business, then picture by the name of its file."""
    manifest = json.loads(_MANIFEST.read_text("utf-8"))
    return {slug: {Path(entry["file"]).stem: entry for entry in entries} for slug, entries in manifest.items()}
