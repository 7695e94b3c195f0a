"""The verbs that set a business's and a package's terms. Nothing that makes no sense is saved.

What is saved holds for bookings to come: each booking keeps the terms it was made under.
"""

from uuid import UUID

from portal.bookings.policy import cancellation as cancelling
from portal.bookings.policy import moving as moves
from portal.bookings.policy.cancellation import CancellationPolicy, Faults
from portal.bookings.policy.documents import cancellation_document, move_document, refuse
from portal.bookings.policy.moving import MovePolicy
from portal.catalog import queries as catalog
from portal.catalog import service as catalogue
from portal.catalog.queries import PackageTerms
from portal.db import database
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.text import N_
from portal.tenants import queries as tenants
from portal.tenants import service as businesses
from portal.tenants.queries import TenantView


def set_business_terms(tenant_id: UUID, cancellation: CancellationPolicy, moving: MovePolicy) -> None:
    """The terms of every package without its own. Raises Invalid with its fields."""
    with database.writing(tenant_id):
        tenant = tenants.get(tenant_id)
        price = lowest_price(tenant, catalog.package_terms(tenant_id))
        refuse(faults(tenant, price, cancellation, moving))
        businesses.set_terms(tenant_id, cancellation=cancellation_document(cancellation), moving=move_document(moving))


def set_package_terms(
    tenant_id: UUID, package_id: UUID, cancellation: CancellationPolicy | None, moving: MovePolicy | None
) -> None:
    """A package's own terms; None follows the business. Raises Invalid with its fields, NotFound."""
    with database.writing(tenant_id):
        tenant = tenants.get(tenant_id)
        package = next((each for each in catalog.package_terms(tenant_id) if each.id == package_id), None)
        if package is None:
            raise NotFound(N_("This package does not exist."))
        refuse(faults(tenant, Money(package.base_price_cents, tenant.currency), cancellation, moving))
        catalogue.set_terms(
            tenant_id,
            package_id,
            cancellation=cancellation_document(cancellation) if cancellation else None,
            moving=move_document(moving) if moving else None,
        )


def faults(
    tenant: TenantView, price: Money | None, cancellation: CancellationPolicy | None, moving: MovePolicy | None
) -> Faults:
    """Why terms make no sense for a business, by field."""
    found: Faults = {}
    if cancellation:
        has_deposit = tenant.deposit_percent is not None
        found.update(cancelling.faults(cancellation, price=price, has_deposit=has_deposit))
    if moving:
        found.update(moves.faults(moving, price=price))
    return found


def lowest_price(tenant: TenantView, packages: list[PackageTerms]) -> Money | None:
    """The lowest price that a business's terms are for; None while it sells nothing."""
    prices = [each.base_price_cents for each in packages if each.is_active]
    return Money(min(prices), tenant.currency) if prices else None
