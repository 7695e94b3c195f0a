"""What the booking form shows: fields as they were typed, the price of what is chosen, what is due and when.

Computed from the catalogue on every request; nothing that a form brought decides about a price.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import url_for

from portal.availability.rules import furthest_on, span
from portal.bookings import pricing
from portal.bookings.policy import courtesy
from portal.bookings.policy.snapshot import terms_of
from portal.bookings.pricing import Price
from portal.bookings.queries import BookingView
from portal.catalog.queries import PackageDetail
from portal.kernel.errors import PortalError
from portal.kernel.tax import TaxMode
from portal.kernel.time import today
from portal.lifecycle import hold_terms
from portal.lifecycle.waiting_list import EntryView
from portal.payments.policy import StagePlan
from portal.tenants.queries import TenantView
from portal.web import speech
from portal.web.speech import gettext as _
from portal.web.speech import ngettext
from portal.web.storefront import promises, wording
from portal.web.storefront.booking_form import DEPOSIT, FULL, KEEP


@dataclass(slots=True)
class Screen:
    """A form as it is to be shown. ``event_on``, ``quantities``, ``pays`` are what could be understood."""

    tenant: TenantView
    package: PackageDetail
    at: datetime
    nonce: UUID
    values: dict[str, str] = field(default_factory=dict)
    errors: Mapping[str, PortalError | str] = field(default_factory=dict)
    event_on: date | None = None
    quantities: Mapping[UUID, int] = field(default_factory=dict)
    pays: str | None = None
    free_days: list[date] = field(default_factory=list)
    kept: EntryView | None = None  # the offer of a waiting list that this browser can use for the date
    held: BookingView | None = None  # what this browser holds already, which sending the form would change
    judged: str = ""  # "all" after the form was sent, "price" when only its price was asked for

    @property
    def today(self) -> date:
        """The day at the tenant's place."""
        return self.tenant.today(self.at)


def context(screen: Screen) -> dict[str, object]:
    """Everything that ``storefront/book.html`` needs."""
    tenant, package = screen.tenant, screen.package
    price = pricing.price(package, _known(screen), package.add_ons, tenant.tax_mode)
    deposit, full = _plan(screen, price, in_full=False), _plan(screen, price, in_full=True)
    kept_on = _kept_on(screen)
    is_kept = screen.pays == KEEP and kept_on is not None
    pays_in_full = not is_kept and (screen.pays == FULL or len(deposit) == 1)
    chosen_plan = full if pays_in_full else deposit
    terms = terms_of(tenant, package, price.total_cents)
    days = span(screen.event_on, package.days, 0).event_days if screen.event_on else ()
    shown = {**screen.values, "nonce": str(screen.nonce), "offer": hold_terms.fingerprint(tenant, package)}
    shown["pay"] = KEEP if is_kept else FULL if pays_in_full else DEPOSIT
    return {
        "currency": tenant.currency,
        "package": {
            "name": package.name,
            "length_text": wording.length_text(package.days, package.max_guests),
            "days": package.days,
            "picture": wording.picture(package.photos[0] if package.photos else None),
        },
        "package_url": url_for("storefront.package", slug=tenant.slug, package=package.slug),
        "book_url": url_for("booking.form", slug=tenant.slug, package=package.slug),
        "values": shown,
        "errors": {name: speech.sentence(error) for name, error in screen.errors.items()},
        "chosen_on": screen.event_on,
        "last_on": days[-1] if days else None,
        "min_date": screen.today,
        "max_date": furthest_on(screen.today),
        "judged": screen.judged if screen.errors else "",
        "free_days": screen.free_days,
        "wait_url": _wait_url(screen),
        "kept": screen.kept,
        "held": screen.held,
        "add_ons": _add_ons(package),
        "pay_options": _options(screen, deposit, has_courtesy=kept_on is not None),
        "terms_text": tenant.terms,
        "max_guests": package.max_guests,
        "summary": _summary(tenant, price),
        "words": promises.words(
            tenant, terms, promises.of_price(price, terms), chosen_plan, event_on=screen.event_on, today=screen.today
        ),
        "has_courtesy": kept_on is not None,
        "dues": _dues(screen, chosen_plan, kept_on if is_kept else None),
    }


def _add_ons(package: PackageDetail) -> list[dict[str, object]]:
    return [
        {
            "id": add_on.id,
            "name": add_on.name,
            "description": add_on.description,
            "price_cents": add_on.price_cents,
            "unit_text": _("each") if add_on.max_quantity > 1 else None,
            "max_quantity": add_on.max_quantity,
        }
        for add_on in package.add_ons
    ]


def choices(shown: Mapping[str, object]) -> int:
    """How many ways of paying a context shows."""
    options = shown["pay_options"]
    return len(options) if isinstance(options, list) else 0


def _wait_url(screen: Screen) -> str:
    """Where a date that turned out to be taken can be asked for."""
    if not screen.free_days:
        return ""
    asked = screen.values.get("date", "")
    return url_for("waitlist.form", slug=screen.tenant.slug, package=screen.package.slug, date=asked)


def _known(screen: Screen) -> dict[UUID, int]:
    offered = {add_on.id for add_on in screen.package.add_ons}
    return {key: quantity for key, quantity in screen.quantities.items() if key in offered and quantity > 0}


def _plan(screen: Screen, price: Price, *, in_full: bool) -> list[StagePlan]:
    """How the price would be paid; without a date as if it were far away."""
    event_on = screen.event_on or furthest_on(screen.today)
    return hold_terms.plan(
        screen.tenant, price.total_cents, event_on=event_on, today=screen.today, pays_in_full=in_full
    )


def _kept_on(screen: Screen) -> date | None:
    """The last day on which the date would be kept without paying, if it can be; without a date one far away is."""
    event_on = screen.event_on or furthest_on(screen.today)
    last_on = courtesy.last_day(screen.today, event_on, screen.tenant.courtesy_days)
    if last_on is None or screen.held is None or screen.held.courtesy_until is None:
        return last_on
    promised_on = today(screen.tenant.timezone, screen.held.courtesy_until)
    return min(promised_on, event_on - timedelta(days=1))


def _options(screen: Screen, deposit: list[StagePlan], *, has_courtesy: bool) -> list[dict[str, object]]:
    """The ways of paying. No amounts and no days: they change with what is chosen, and the summary tells them."""
    return [*_ways_to_pay(screen, deposit), *([_courtesy(screen.tenant.courtesy_days)] if has_courtesy else [])]


def _courtesy(days: int) -> dict[str, object]:
    label = ngettext(
        "Keep the date for up to %(num)d day without paying",
        "Keep the date for up to %(num)d days without paying",
        days,
    )
    hint = _("Nothing is charged. The link in our email lets you pay, or give the date back.")
    return {"value": KEEP, "label": label, "hint": hint, "amount": None}


def _ways_to_pay(screen: Screen, deposit: list[StagePlan]) -> list[dict[str, object]]:
    full: dict[str, object] = {"value": FULL, "label": _("Pay everything now"), "hint": None, "amount": None}
    if len(deposit) == 1:
        return [full]
    percent = speech.current().percent_bp((screen.tenant.deposit_percent or 0) * 100)
    days = screen.tenant.balance_due_days
    hint = ngettext(
        "The rest is due %(num)d day before your day.", "The rest is due %(num)d days before your day.", days
    )
    return [
        {"value": DEPOSIT, "label": _("Pay a deposit of %(share)s now", share=percent), "hint": hint, "amount": None},
        full,
    ]


def _dues(screen: Screen, plans: list[StagePlan], kept_on: date | None) -> list[dict[str, object]]:
    """What is due when, the next first; ``kept_on`` is the last day to book a date that is kept without paying."""
    now, later = plans[0], plans[1] if len(plans) > 1 else None
    rows: list[dict[str, object]] = []
    if kept_on:
        rows = [{"label": _("Due now"), "cents": 0, "kind": "due"}, _due_to_book(screen, now, kept_on)]
    else:
        label = _("Deposit, due now") if later else _("Due now")
        rows = [{"label": label, "cents": now.amount_cents, "kind": "due"}]
    return rows + ([{"label": _due_label(screen, later), "cents": later.amount_cents}] if later else [])


def _due_to_book(screen: Screen, first: StagePlan, kept_on: date) -> dict[str, object]:
    if screen.event_on:
        label = _("To book it, until the end of %(date)s", date=speech.current().date_medium(kept_on))
    else:
        days = screen.tenant.courtesy_days
        label = ngettext("To book it, within %(num)d day", "To book it, within %(num)d days", days)
    return {"label": label, "cents": first.amount_cents}


def _due_label(screen: Screen, later: StagePlan) -> str:
    if screen.event_on:
        return _("Due on %(date)s", date=speech.current().date_medium(later.due_on))
    days = screen.tenant.balance_due_days
    return ngettext("Due %(num)d day before your day", "Due %(num)d days before your day", days)


def _summary(tenant: TenantView, price: Price) -> list[dict[str, object]]:
    """The lines and the total; tax as a line of its own where it is added, as a note where it is included."""
    is_added = tenant.tax_mode is TaxMode.EXCLUSIVE
    rows: list[dict[str, object]] = [
        {
            "label": line.description if line.quantity == 1 else f"{line.description} × {line.quantity}",
            "cents": line.net_cents if is_added else line.gross_cents,
        }
        for line in price.lines
    ]
    tax = tenant.tax_label or _("Tax")
    if is_added and price.tax_cents:
        rates = {line.tax_rate_bp for line in price.lines}
        label = f"{tax} ({speech.current().percent_bp(rates.pop())})" if len(rates) == 1 else tax
        rows.append({"label": label, "cents": price.tax_cents})
    note = None
    if not is_added and price.tax_cents:
        included = speech.current().money(price.tax_cents, tenant.currency)
        note = _("%(amount)s %(tax)s included", amount=included, tax=tax)
    rows.append({"label": _("Total"), "cents": price.total_cents, "kind": "total", "note": note})
    return rows
