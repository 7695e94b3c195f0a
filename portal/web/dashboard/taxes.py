"""Settings: how prices are taxed, with a rate for each package and add-on. Bookings keep what they were sold under."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.catalog import queries, service
from portal.catalog.queries import Taxed
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.tax import TaxMode
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts, single


@bp.get("/<slug>/settings/tax")
def taxes(slug: str) -> Response:
    """The taxes as they are set."""
    tenant, role = login.enter(slug)
    items = queries.taxed(tenant.id)
    rates = {_name(each): amounts.shown_rate(each.tax_rate_bp, speech.current()) for each in items}
    return _show(tenant, role, items, {"tax_mode": str(tenant.tax_mode), "tax_label": tenant.tax_label, **rates}, {})


@bp.post("/<slug>/settings/tax")
def set_taxes(slug: str) -> Response:
    """Set them for bookings to come."""
    tenant, role = login.enter(slug)
    login.decides(role)
    with database.reading(tenant.id):
        items = queries.taxed(tenant.id)
    names = ["tax_mode", "tax_label", *map(_name, items)]
    values = {name: single(request.form, name) for name in names}
    rates, errors = _rates(items, values)
    if not errors:
        try:
            service.set_taxes(tenant.id, tax_mode=values["tax_mode"], tax_label=values["tax_label"], rates=rates)
        except Invalid as error:
            errors = {name if name in values else f"rate_{name}": fault for name, fault in error.fields.items()}
    if errors:
        with database.reading(tenant.id):
            return _show(tenant, role, items, values, errors, status=422)
    flash(speech.gettext("Saved. This holds for bookings from %(day)s on.", day=_today(tenant)), "good")
    return htmx.see_other(url_for(".taxes", slug=slug))


def _today(tenant: TenantView) -> str:
    return speech.current().date_medium(tenant.today(time.now()))


def _name(item: Taxed) -> str:
    return f"rate_{item.id}"


def _rates(items: list[Taxed], values: Mapping[str, str]) -> tuple[dict[UUID, Decimal], dict[str, PortalError | str]]:
    rates: dict[UUID, Decimal] = {}
    errors: dict[str, PortalError | str] = {}
    for each in items:
        try:
            rates[each.id] = amounts.rate_bp(values[_name(each)], speech.current())
        except Invalid as error:
            errors[_name(each)] = error
    return rates, errors


def _show(
    tenant: TenantView,
    role: Role,
    items: list[Taxed],
    values: Mapping[str, str],
    errors: Mapping[str, PortalError | str],
    *,
    status: int = 200,
) -> Response:
    return page(
        "dashboard/taxes.html",
        tenant,
        role,
        current="settings",
        status=status,
        items=[(each, _name(each)) for each in items],
        values=values,
        errors={name: speech.sentence(error) for name, error in errors.items()},
        modes=_modes(),
    )


def _modes() -> list[dict[str, object]]:
    return [
        {
            "value": TaxMode.NONE.value,
            "label": speech.gettext("No tax"),
            "hint": speech.gettext("You need not charge any. Your invoices can say why."),
            "amount": None,
        },
        {
            "value": TaxMode.INCLUSIVE.value,
            "label": speech.gettext("Your prices include it"),
            "hint": speech.gettext("What a couple sees is what it pays; the invoice says how much of it is tax."),
            "amount": None,
        },
        {
            "value": TaxMode.EXCLUSIVE.value,
            "label": speech.gettext("It is added to your prices"),
            "hint": speech.gettext("Couples see it before they book."),
            "amount": None,
        },
    ]
