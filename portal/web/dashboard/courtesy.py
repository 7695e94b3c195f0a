"""Settings: for how many days a couple may keep a date without paying."""

from flask import Response, flash, request, url_for

from portal.db import database
from portal.identity.roles import Role
from portal.kernel.errors import Invalid
from portal.tenants import service
from portal.tenants.queries import TenantView
from portal.tenants.rules import MOST_COURTESY_DAYS
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single


@bp.get("/<slug>/settings/courtesy")
def courtesy(slug: str) -> Response:
    """The days as they are set."""
    tenant, role = login.enter(slug)
    return _show(tenant, role, {"courtesy_days": str(tenant.courtesy_days)}, {})


@bp.post("/<slug>/settings/courtesy")
def set_courtesy(slug: str) -> Response:
    """Set them for forms to come; what is kept already stays kept as it was promised."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {"courtesy_days": single(request.form, "courtesy_days")}
    try:
        service.change_tenant(tenant.id, courtesy_days=amounts.whole(values["courtesy_days"]))
    except Invalid as error:
        fault = next(iter(error.fields.values()), error)
        with database.reading(tenant.id):
            return _show(tenant, role, values, {"courtesy_days": speech.sentence(fault)}, status=422)
    flash(speech.gettext("Saved. Dates that are kept already stay kept as it was promised."), "good")
    return htmx.see_other(url_for(".courtesy", slug=slug))


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        "dashboard/courtesy.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        most=MOST_COURTESY_DAYS,
    )
