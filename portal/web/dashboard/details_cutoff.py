"""Settings: until how many days before the event a couple can change its add-ons by itself."""

from flask import Response, flash, request, url_for

from portal.db import database
from portal.identity.roles import Role
from portal.kernel.errors import Invalid
from portal.tenants import service
from portal.tenants.queries import TenantView
from portal.tenants.rules import MOST_CUTOFF_DAYS
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single


@bp.get("/<slug>/settings/details")
def details_cutoff(slug: str) -> Response:
    """The days as they are set."""
    tenant, role = login.enter(slug)
    return _show(tenant, role, {"details_cutoff_days": str(tenant.details_cutoff_days)}, {})


@bp.post("/<slug>/settings/details")
def set_details_cutoff(slug: str) -> Response:
    """Set them, for every booking from now on."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {"details_cutoff_days": single(request.form, "details_cutoff_days")}
    try:
        service.change_tenant(tenant.id, details_cutoff_days=amounts.whole(values["details_cutoff_days"]))
    except Invalid as error:
        fault = next(iter(error.fields.values()), error)
        with database.reading(tenant.id):
            return _show(tenant, role, values, {"details_cutoff_days": speech.sentence(fault)}, status=422)
    flash(speech.gettext("Saved. This holds for all bookings from now on."), "good")
    return htmx.see_other(url_for(".details_cutoff", slug=slug))


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        "dashboard/details_cutoff.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        most=MOST_CUTOFF_DAYS,
    )
