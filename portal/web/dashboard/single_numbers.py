"""Settings that are a single whole number each, for bookings to come: all of them are one page with other words.

Everybody in the business may look, the owner changes. What the number may be is for ``tenants.rules`` to say; the words
are in ``number_settings``.
"""

from typing import cast

from flask import Response, flash, request, url_for

from portal.db import database
from portal.identity.roles import Role
from portal.kernel.errors import Invalid
from portal.tenants import service
from portal.tenants.queries import TenantView
from portal.tenants.rules import TenantFields
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.dashboard.number_settings import SETTINGS, NumberSetting
from portal.web.forms import amounts
from portal.web.forms.reading import single


def _offer(setting: NumberSetting) -> None:
    """Its page and its form, at addresses of their own."""

    def look(slug: str) -> Response:
        tenant, role = login.enter(slug)
        return _show(setting, tenant, role, str(getattr(tenant, setting.field)))

    def change(slug: str) -> Response:
        tenant, role = login.enter(slug)
        login.decides(role)
        text = single(request.form, setting.field)
        try:
            fields = cast("TenantFields", {setting.field: amounts.whole(text)})
            service.change_tenant(tenant.id, **fields)
        except Invalid as error:
            with database.reading(tenant.id):
                return _show(setting, tenant, role, text, error)
        flash(speech.gettext(setting.saved), "good")
        return htmx.see_other(url_for(f".{setting.endpoint}", slug=slug))

    path = f"/<slug>/settings/{setting.path}"
    bp.add_url_rule(path, setting.endpoint, look, methods=["GET"])
    bp.add_url_rule(path, f"set_{setting.endpoint}", change, methods=["POST"])


def _show(setting: NumberSetting, tenant: TenantView, role: Role, text: str, error: Invalid | None = None) -> Response:
    fault = next(iter(error.fields.values()), error) if error else None
    return page(
        "dashboard/single_number.html",
        tenant,
        role,
        current="settings",
        status=422 if error else 200,
        setting=setting,
        title=speech.gettext(setting.title),
        about=[speech.gettext(paragraph) for paragraph in setting.about],
        label=speech.gettext(setting.label),
        hint=speech.gettext(setting.hint, most=speech.current().number(setting.most)),
        values={setting.field: text},
        errors={setting.field: speech.sentence(fault)} if fault else {},
    )


for _each in SETTINGS:
    _offer(_each)
