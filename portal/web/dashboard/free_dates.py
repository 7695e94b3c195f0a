"""Settings: whether the business hears once a week which Saturdays are still free, on which day and at what time."""

from flask import Response, flash, request, url_for

from portal import settings
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.text import N_
from portal.messages import weekly
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_NEVER = "never"
_DAYS = [str(number) for number in range(7)]


@bp.get("/<slug>/settings/free-dates")
def free_dates(slug: str) -> Response:
    """The choice as it is."""
    tenant, role = login.enter(slug)
    row = database.row("SELECT free_dates_weekday, free_dates_time FROM tenant WHERE id = %s", tenant.id)
    assert row is not None  # noqa: S101  the tenant was found a moment ago
    weekday = _NEVER if row.free_dates_weekday is None else str(row.free_dates_weekday)
    return _show(tenant, role, {"weekday": weekday, "at": row.free_dates_time}, {})


@bp.post("/<slug>/settings/free-dates")
def set_free_dates(slug: str) -> Response:
    """Set it."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {name: single(request.form, name) for name in ("weekday", "at")}
    errors = {}
    if values["weekday"] not in {_NEVER, *_DAYS}:
        errors["weekday"] = speech.gettext(N_("Please choose a day."))
    weekday = int(values["weekday"]) if values["weekday"] in _DAYS else None
    try:
        if not errors:
            weekly.choose(tenant.id, weekday=weekday, at_time=values["at"].strip(" "), at=time.now())
    except Invalid as error:
        errors["at"] = speech.sentence(error)
    if errors:
        with database.reading(tenant.id):
            return _show(tenant, role, values, errors, status=422)
    flash(speech.gettext("Saved."), "good")
    return htmx.see_other(url_for(".free_dates", slug=slug))


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    names = speech.current().locale.days["stand-alone"]["wide"]
    return page(
        "dashboard/free_dates.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        options=[(_NEVER, speech.gettext("Never")), *((number, names[int(number)]) for number in _DAYS)],
        is_on=settings.current().features.reminders,
        weeks=weekly.WEEKS,
    )
