"""Settings: how long a cancellation can be taken back before the date is free and the money goes back."""

from flask import Response, flash, request, url_for

from portal.db import database
from portal.identity.roles import Role
from portal.kernel.errors import Invalid
from portal.tenants import service
from portal.tenants.queries import TenantView
from portal.tenants.rules import MOST_UNDO_MINUTES
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single


@bp.get("/<slug>/settings/undo")
def undo_time(slug: str) -> Response:
    """The time as it is set."""
    tenant, role = login.enter(slug)
    return _show(tenant, role, {"undo_minutes": str(_minutes(tenant))}, {})


@bp.post("/<slug>/settings/undo")
def set_undo_time(slug: str) -> Response:
    """Set it for cancellations to come; those that are under way keep theirs."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {"undo_minutes": single(request.form, "undo_minutes")}
    try:
        service.change_tenant(tenant.id, undo_minutes=amounts.whole(values["undo_minutes"]))
    except Invalid as error:
        fault = next(iter(error.fields.values()), error)
        with database.reading(tenant.id):
            return _show(tenant, role, values, {"undo_minutes": speech.sentence(fault)}, status=422)
    flash(speech.gettext("Saved. This holds for cancellations from now on."), "good")
    return htmx.see_other(url_for(".undo_time", slug=slug))


def _minutes(tenant: TenantView) -> int:
    return int(database.value("SELECT undo_minutes FROM tenant WHERE id = %s", tenant.id))


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        "dashboard/undo_time.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        most=MOST_UNDO_MINUTES,
    )
