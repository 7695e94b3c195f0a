"""A couple that does not exist, for a business that would like to see its words before anybody has booked.

Nothing of it is ever stored.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.bookings.policy.snapshot import terms_of
from portal.bookings.queries import BookingView, LineView
from portal.bookings.states import BookingStatus
from portal.catalog.queries import PackageTerms, package_terms
from portal.kernel.ids import uuid7
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_
from portal.lifecycle.overview import Overview, Payment, Stage
from portal.payments.states import StageStatus, StageType
from portal.tenants.language import Language
from portal.tenants.queries import TenantView

_DAYS_AHEAD, _CENTS, _LAST4 = 180, 200_000, "4242"
_FIRST, _SECOND = "Emma", "Noah"
_PACKAGE = N_("Whole day")
# A booking to which nothing has happened yet.
_PLAIN: dict[str, Any] = {
    "status": BookingStatus.CONFIRMED, "moves_done": 0, "days": 1, "buffer_days": 0, "venue": "", "guest_count": 80,
    "notes": "", "tax_mode": TaxMode.NONE, "tax_cents": 0, "commission_bp": 0, "commission_cents": 0,
    "credited_cents": 0, "pays_in_full": False, "hold_expires_at": None, "needs_review": False, "review_reason": "",
    "version": 1, "ended_at": None, "cancel_requested_at": None, "cancel_undo_until": None, "cancel_actor": None,
    "cancel_reason": "", "cancel_refund_cents": None, "is_courtesy": False, "courtesy_until": None,
    "challenged_at": None, "rebooked_at": None, "rebooked_cents": None, "messages_paused": False,
    "second_email": None, "phone": "",
}  # fmt: skip


def booking(tenant: TenantView, language: Language, *, at: datetime) -> BookingView:
    """A booking of the first package there is; within the caller's transaction."""
    sold = next(iter(package_terms(tenant.id)), None) or _package(language)
    event_on = tenant.today(at) + timedelta(days=_DAYS_AHEAD)
    return BookingView(
        **_PLAIN,
        id=uuid7(),
        customer_id=uuid7(),
        resource_id=uuid7(),
        request_nonce=uuid7(),
        tenant_id=tenant.id,
        package_id=sold.id,
        reference="SAMPLE",
        package_name=sold.name,
        package_slug=sold.slug,
        event_on=event_on,
        original_on=event_on,
        couple=f"{_FIRST} & {_SECOND}",
        first_partner=_FIRST,
        second_partner=_SECOND,
        email="couple@example.com",
        currency=tenant.currency,
        net_cents=sold.base_price_cents,
        total_cents=sold.base_price_cents,
        deposit_percent=tenant.deposit_percent,
        balance_due_days=tenant.balance_due_days,
        terms=tenant.terms,
        terms_accepted_at=at,
        policy=terms_of(tenant, sold, sold.base_price_cents),
        created_at=at,
        confirmed_at=at,
    )


def account(of: BookingView, *, at: datetime) -> Overview:
    """Its money: a deposit that was paid, and the rest to come."""
    total = of.total_cents
    first = of.policy.deposit_cents or total // 2
    line = LineView(None, of.package_name, 1, total, total, Decimal(0), 0, total)
    paid = Stage(uuid7(), StageType.DEPOSIT, first, at.date(), StageStatus.COMPLETED)
    return Overview(
        lines=[line],
        stages=[paid, remainder(of, total - first)],
        payments=[payment(first, at)],
        refunds=[],
        timeline=[],
        attempts=[],
        received_cents=first,
        returned_cents=0,
    )


def remainder(of: BookingView, cents: int) -> Stage:
    """What is still to be paid."""
    due_on = of.event_on - timedelta(days=of.balance_due_days)
    return Stage(uuid7(), StageType.REMAINDER, cents, due_on, StageStatus.PENDING)


def payment(cents: int, at: datetime) -> Payment:
    """A payment by card."""
    return Payment(uuid7(), cents, "visa", _LAST4, at, cents)


def unpaid(of: Overview, today: date) -> Overview:
    """The same before anything was paid, the first part due now."""
    stages = [replace(each, status=StageStatus.PENDING) for each in of.stages]
    if stages:
        stages[0] = replace(stages[0], due_on=today)
    return replace(of, stages=stages, payments=[], refunds=[], received_cents=0, returned_cents=0)


def _package(language: Language) -> PackageTerms:
    return PackageTerms(uuid7(), "", language.gettext(_PACKAGE), _CENTS, Decimal(0), True, None, None)  # noqa: FBT003
