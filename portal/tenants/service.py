"""The only writer of tenants. Opening a business and changing it are the platform's own acts."""

from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from peewee import IntegrityError

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.tenants.models import Tenant
from portal.tenants.rules import TenantFields, checked, starting_terms

Document = dict[str, Any]
REQUIRED = ("slug", "name", "timezone", "currency", "locale", "contact_email")


def create_tenant(*, at: datetime, tenant_id: UUID | None = None, **fields: Unpack[TenantFields]) -> UUID:
    """Open a business. Raises Invalid for bad fields, Conflict when the slug or Stripe account is in use.

    ``tenant_id`` lets a caller make the tenant and what belongs to it in one transaction bound to that id.
    """
    if missing := [name for name in REQUIRED if name not in fields]:
        text = N_("Please fill this in.")
        raise Invalid(N_("Please correct: %(names)s."), dict.fromkeys(missing, text), names=", ".join(missing))
    fields.setdefault("tax_mode", "none")
    stored = checked(fields)
    tenant_id = tenant_id or uuid7()
    with database.writing(tenant_id), platform_scope(reason="a new tenant"):
        try:
            terms = starting_terms(stored.get("deposit_percent"))
            Tenant.insert(id=tenant_id, created_at=at, reminder_plan_at=at, **terms, **stored).execute()
        except IntegrityError as error:
            raise _in_use(error) from error
    return tenant_id


def change_tenant(tenant_id: UUID, **fields: Unpack[TenantFields]) -> None:
    """Change some fields of a business; what is cached of it is made anew."""
    stored = checked(fields)
    with database.writing(tenant_id), platform_scope(reason="a tenant's own row"):
        try:
            changed = Tenant.update(**stored).where(Tenant.id == tenant_id).execute()
        except IntegrityError as error:
            raise _in_use(error) from error
        if not changed:
            raise NotFound(N_("This business does not exist."))


def set_terms(tenant_id: UUID, *, cancellation: Document, moving: Document) -> None:
    """The terms of a business, for bookings to come; ``bookings.terms`` has checked them."""
    with database.writing(tenant_id), platform_scope(reason="a tenant's own row"):
        Tenant.update(cancellation_policy=cancellation, move_policy=moving).where(Tenant.id == tenant_id).execute()


def set_reminder_plan(tenant_id: UUID, plan: Document, *, at: datetime) -> None:
    """Which messages couples get and when, from now on; ``messages.schedule`` has checked it."""
    with database.writing(tenant_id), platform_scope(reason="a tenant's own row"):
        Tenant.update(reminder_plan=plan, reminder_plan_at=at).where(Tenant.id == tenant_id).execute()


def set_free_dates(tenant_id: UUID, *, weekday: int | None, at_time: str) -> None:
    """When the business hears which Saturdays are free; without a weekday never."""
    with database.writing(tenant_id), platform_scope(reason="a tenant's own row"):
        Tenant.update(free_dates_weekday=weekday, free_dates_time=at_time).where(Tenant.id == tenant_id).execute()


def set_notices(tenant_id: UUID, plan: Document, *, at_time: str) -> None:
    """How the business hears of what, and when the daily summary comes; ``messages.notices`` has checked it."""
    with database.writing(tenant_id), platform_scope(reason="a tenant's own row"):
        Tenant.update(notice_plan=plan, notice_time=at_time).where(Tenant.id == tenant_id).execute()


def _in_use(error: IntegrityError) -> Exception:
    name = database.constraint_of(error)
    if name == "tenant_slug_once":
        return Conflict(N_("Another business has this address already."))
    if name == "tenant_stripe_account_once":
        return Conflict(N_("Another business uses this Stripe account already."))
    return error
