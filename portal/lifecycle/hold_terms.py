"""Under which terms a wish can be held today: everything is checked again here, inside the hold's transaction.

A page may have shown an older offer; its fingerprint says so, and then nothing is sold that was not shown.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal import settings
from portal.availability import queries as dates
from portal.availability import service as claims
from portal.availability.rules import span
from portal.bookings import pricing
from portal.bookings.placing import Agreement, Wish
from portal.bookings.policy import courtesy, wishes
from portal.bookings.policy.snapshot import terms_of
from portal.catalog import queries as catalog
from portal.catalog.queries import PackageDetail
from portal.kernel.errors import DateTaken, Invalid, NotFound, PortalError, Stale
from portal.kernel.text import N_
from portal.payments.policy import StagePlan, plan_stages
from portal.payments.states import StageType
from portal.tenants import queries as tenants
from portal.tenants.language import language
from portal.tenants.queries import TenantView


@dataclass(frozen=True, slots=True)
class Terms:
    """What is sold, and how it is paid."""

    agreement: Agreement
    plans: list[StagePlan]
    event_on: date


@dataclass(frozen=True, slots=True)
class Seen:
    """A package as it was read when the tenant's published version was this one or a later one."""

    published_version: int
    package: PackageDetail


def check(tenant_id: UUID, wish: Wish, *, offer: str | None, seen: Seen | None = None, at: datetime) -> Terms:
    """The terms for a wish. Raises NotFound, Stale, or Invalid with every bad field."""
    tenant = tenants.get(tenant_id)
    if not tenant.is_active:
        raise NotFound(N_("This business does not exist."))
    if seen and seen.published_version == tenant.published_version and seen.package.slug == wish.package_slug:
        package = seen.package
    else:
        package = catalog.package_by_slug(tenant_id, wish.package_slug)
    if offer is not None and offer != fingerprint(tenant, package):
        raise Stale(
            N_("The offer has changed since you opened this page. Please look at it again; nothing was booked.")
        )
    faults = _faults(wish, tenant, package, at)
    if faults:
        raise Invalid(N_("Some fields need another look. Nothing was booked or charged."), faults)
    price = pricing.price(package, wish.quantities, package.add_ons, tenant.tax_mode)
    plans = plan(
        tenant, price.total_cents, event_on=wish.event_on, today=tenant.today(at), pays_in_full=wish.pays_in_full
    )
    if not wish.pays_in_full and not wish.is_courtesy and plans[0].type is StageType.FULL:
        only_full = N_("For this date the whole price is due now.")
        raise Invalid(only_full, {"pay": only_full})
    agreement = Agreement(
        tenant=tenant,
        package=package,
        price=price,
        commission=pricing.commission(price.total_cents, tenant.commission_percent),
        deposit_percent=tenant.deposit_percent if settings.current().features.deposits else None,
        policy=terms_of(tenant, package, price.total_cents),
    )
    return Terms(agreement, plans, wish.event_on)


def plan(tenant: TenantView, total_cents: int, *, event_on: date, today: date, pays_in_full: bool) -> list[StagePlan]:
    """How a price would be paid under a tenant's rules of today."""
    return plan_stages(
        total_cents,
        deposit_percent=tenant.deposit_percent,
        balance_due_days=tenant.balance_due_days,
        event_on=event_on,
        today=today,
        pays_in_full=pays_in_full,
        offers_deposit=settings.current().features.deposits,
    )


def claim(terms: Terms, booking_id: UUID, *, waitlist_id: UUID | None = None) -> None:
    """Make the booking own exactly the days of the wish, as a hold; those of an offer may be among them.

    Raises DateTaken.
    """
    package = terms.agreement.package
    claims.claim_days(
        terms.agreement.tenant.id,
        resource_id=package.resource_id,
        booking_id=booking_id,
        kinds=span(terms.event_on, package.days, package.buffer_days).held(),
        waitlist_id=waitlist_id,
    )


def refuse_if_taken(terms: Terms, booking_id: UUID, *, waitlist_id: UUID | None = None) -> None:
    """A look before something is given up for it. Raises DateTaken."""
    package = terms.agreement.package
    if not dates.is_free(
        terms.agreement.tenant.id,
        resource_id=package.resource_id,
        event_on=terms.event_on,
        days=package.days,
        buffer_days=package.buffer_days,
        booking_id=booking_id,
        waitlist_id=waitlist_id,
    ):
        raise DateTaken(
            N_("%(day)s was taken a moment ago. Nothing was charged. Please pick another date."), day=terms.event_on
        )


def labels(tenant: TenantView) -> dict[StageType, str]:
    """What a first payment is called on Stripe's page, in the couple's language."""
    say = language(tenant.locale, tenant.timezone).gettext
    return {StageType.FULL: say(N_("Full payment")), StageType.DEPOSIT: say(N_("Deposit"))}


def fingerprint(tenant: TenantView, package: PackageDetail) -> str:
    """A short name for an offer: prices, taxes, payment rules, policies and terms, as a page shows them."""
    shown = [
        package.base_price_cents, str(package.tax_rate_bp), package.days,
        [[str(each.id), each.price_cents, str(each.tax_rate_bp)] for each in package.add_ons],
        tenant.currency, tenant.tax_mode, tenant.deposit_percent, tenant.balance_due_days, tenant.terms,
        tenant.courtesy_days,
        package.cancellation_policy or tenant.cancellation_policy, package.move_policy or tenant.move_policy,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def _faults(wish: Wish, tenant: TenantView, package: PackageDetail, at: datetime) -> dict[str, PortalError | str]:
    faults: dict[str, PortalError | str] = {**wishes.quantity_faults(wish.quantities, package.add_ons)}
    bad_date = wishes.date_fault(
        wish.event_on, today=tenant.today(at), days=package.days, buffer_days=package.buffer_days
    )
    bad_guests = wishes.guests_fault(wish.guest_count, max_guests=package.max_guests)
    if bad_date:
        faults["date"] = bad_date
    if bad_guests:
        faults["guest_count"] = bad_guests
    if wish.is_courtesy and courtesy.last_day(tenant.today(at), wish.event_on, tenant.courtesy_days) is None:
        faults["pay"] = N_("This date cannot be kept without paying. Please choose how you would like to pay.")
    return faults
