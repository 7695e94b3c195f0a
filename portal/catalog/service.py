"""The only writer of resources, packages, add-ons and photos.

A change raises the tenant's published version, by trigger; so nothing here empties a cache.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Unpack
from uuid import UUID

from peewee import IntegrityError

from portal.catalog.models import AddOn, Package, PackageAddOn, Photo, Resource
from portal.catalog.rules import checked
from portal.db import database
from portal.kernel.errors import Conflict, Invalid, NotFound, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.tenants.rules import TenantFields
from portal.tenants.service import change_tenant, create_tenant

Document = dict[str, Any]


def open_tenant(
    *, at: datetime, resources: Iterable[str] = ("Calendar",), **fields: Unpack[TenantFields]
) -> tuple[UUID, list[UUID]]:
    """A new tenant with the resources it starts with, in one transaction; ids of both."""
    tenant_id = uuid7()
    with database.writing(tenant_id):
        create_tenant(at=at, tenant_id=tenant_id, **fields)
        return tenant_id, [create_resource(tenant_id, name=name, position=at_) for at_, name in enumerate(resources)]


def create_resource(tenant_id: UUID, *, name: str, position: int = 0) -> UUID:
    """Something whose days are sold once each."""
    stored = checked({"name": name})
    with database.writing(tenant_id):
        return _id(Resource.create(tenant_id=tenant_id, position=position, **stored))


def create_package(
    tenant_id: UUID,
    *,
    resource_id: UUID,
    slug: str,
    name: str,
    base_price_cents: int,
    summary: str = "",
    description: str = "",
    included: str = "",
    tax_rate_bp: Decimal = Decimal(0),
    days: int = 1,
    buffer_days: int = 0,
    max_guests: int | None = None,
    position: int = 0,
    is_active: bool = True,
) -> UUID:
    """A package on a resource of the tenant. Raises Invalid, or Conflict when the slug is in use."""
    stored = checked(
        {
            "slug": slug, "name": name, "summary": summary, "description": description, "included": included,
            "base_price_cents": base_price_cents, "tax_rate_bp": tax_rate_bp, "days": days,
            "buffer_days": buffer_days, "max_guests": max_guests,
        }
    )  # fmt: skip
    with database.writing(tenant_id):
        try:
            return _id(
                Package.create(
                    tenant_id=tenant_id, resource_id=resource_id, position=position, is_active=is_active, **stored
                )
            )
        except IntegrityError as error:
            if database.constraint_of(error) != "package_slug_once":
                raise
            raise Conflict(N_("Another package has this address already.")) from error


def change_package(tenant_id: UUID, package_id: UUID, **fields: object) -> None:
    """Change some fields of a package; bookings that exist keep what they were sold."""
    stored = checked(fields)
    with database.writing(tenant_id):
        found = (Package.tenant_id == tenant_id) & (Package.id == package_id)
        if not Package.update(**stored).where(found).execute():
            raise NotFound(N_("This package does not exist."))


def set_terms(tenant_id: UUID, package_id: UUID, *, cancellation: Document | None, moving: Document | None) -> None:
    """A package's own terms, or None for the business's; ``bookings.terms`` has checked them."""
    with database.writing(tenant_id):
        found = (Package.tenant_id == tenant_id) & (Package.id == package_id)
        if not Package.update(cancellation_policy=cancellation, move_policy=moving).where(found).execute():
            raise NotFound(N_("This package does not exist."))


def set_taxes(tenant_id: UUID, *, tax_mode: str, tax_label: str, rates: Mapping[UUID, Decimal]) -> None:
    """How a business's prices are taxed, with the rate of each package and add-on; for bookings to come.

    Raises Invalid for ``tax_mode``, ``tax_label`` or a key whose rate is out of range.
    """
    faults: dict[str, PortalError | str] = {}
    for key, rate in rates.items():
        try:
            checked({"tax_rate_bp": rate})
        except Invalid as error:
            faults[str(key)] = error.fields["tax_rate_bp"]
    if faults:
        raise Invalid(N_("Please correct: %(names)s."), faults, names=", ".join(faults))
    with database.writing(tenant_id):
        change_tenant(tenant_id, tax_mode=tax_mode, tax_label=tax_label)
        for key, rate in rates.items():
            Package.update(tax_rate_bp=rate).where((Package.tenant_id == tenant_id) & (Package.id == key)).execute()
            AddOn.update(tax_rate_bp=rate).where((AddOn.tenant_id == tenant_id) & (AddOn.id == key)).execute()


def create_add_on(
    tenant_id: UUID,
    *,
    name: str,
    price_cents: int,
    packages: Iterable[UUID],
    description: str = "",
    tax_rate_bp: Decimal = Decimal(0),
    max_quantity: int = 1,
    position: int = 0,
    is_active: bool = True,
) -> UUID:
    """An add-on, offered with these packages."""
    stored = checked(
        {"name": name, "price_cents": price_cents, "tax_rate_bp": tax_rate_bp, "max_quantity": max_quantity}
    )
    with database.writing(tenant_id):
        add_on = AddOn.create(
            tenant_id=tenant_id, description=description, position=position, is_active=is_active, **stored
        )
        for package_id in packages:
            PackageAddOn.create(tenant_id=tenant_id, package_id=package_id, add_on_id=add_on.id)
        return _id(add_on)


def change_add_on(tenant_id: UUID, add_on_id: UUID, **fields: object) -> None:
    """Change some fields of an add-on."""
    stored = checked(fields)
    with database.writing(tenant_id):
        found = (AddOn.tenant_id == tenant_id) & (AddOn.id == add_on_id)
        if not AddOn.update(**stored).where(found).execute():
            raise NotFound(N_("This add-on does not exist."))


def add_photo(
    tenant_id: UUID, package_id: UUID, *, src: str, alt: str, width: int, height: int, position: int = 0
) -> UUID:
    """A picture of a package; ``src`` is a path below ``/static``."""
    stored = checked({"alt": alt})
    with database.writing(tenant_id):
        return _id(
            Photo.create(
                tenant_id=tenant_id,
                package_id=package_id,
                src=src,
                width=width,
                height=height,
                position=position,
                **stored,
            )
        )


def _id(row: Resource | Package | AddOn | Photo) -> UUID:
    return UUID(str(row.id))
