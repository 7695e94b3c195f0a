"""Connecting a calendar at Google with the key of a service account, and changing it later. For the owner alone.

A key that was sent is on no page again, not even on the form that comes back with what is wrong.
"""

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.calendars import google_connecting, standing
from portal.catalog.queries import resources
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.text import N_
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_FIELDS = ("resource", "name", "calendar_id", "whole_days", "has_bookings")
_NOTHING = N_("This calendar does not exist.")


@bp.get("/<slug>/settings/calendars/google")
def google_calendar(slug: str) -> Response:
    """The form; for a connected calendar all of it but the key is filled in."""
    tenant, role = login.enter(slug)
    login.decides(role)
    wanted = request.args.get("connection")
    return _show(tenant, role, _filled(tenant, _key(wanted)) if wanted else {"has_bookings": "1"}, is_new=not wanted)


@bp.post("/<slug>/settings/calendars/google")
def connect_google(slug: str) -> Response:
    """Connect it; a worker asks Google at once."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {name: single(request.form, name) for name in _FIELDS}
    person = login.who()
    try:
        given = google_connecting.Given(
            resource_id=_key(values["resource"]),
            name=values["name"],
            key=single(request.form, "key"),
            calendar_id=values["calendar_id"],
            is_whole_days_only=values["whole_days"] == "1",
            has_bookings=values["has_bookings"] == "1",
        )
        google_connecting.connect(tenant.id, given, user_id=person.user_id if person else None, at=time.now())
    except (Invalid, Conflict) as error:
        fields = {name: speech.sentence(each) for name, each in getattr(error, "fields", {}).items()}
        status = 409 if isinstance(error, Conflict) else 422
        with database.reading(tenant.id):
            return _show(tenant, role, values, fields or {"": speech.sentence(error)}, status=status)
    flash(speech.gettext("Connected. We are asking Google now."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug) + "#busy")


def _filled(tenant: TenantView, connection_id: UUID) -> dict[str, str]:
    """What is known of a connection."""
    for each in standing.of_tenant(tenant.id, today=time.today(tenant.timezone)):
        if each.id == connection_id and each.kind == "google":
            known = {"resource": str(each.resource_id), "name": each.name, "calendar_id": each.shown}
            chosen = {"whole_days": each.is_whole_days_only, "has_bookings": each.has_bookings}
            return {**known, **{name: "1" for name, is_chosen in chosen.items() if is_chosen}}
    raise NotFound(_NOTHING)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_NOTHING) from None


def _show(
    tenant: TenantView,
    role: Role,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    *,
    is_new: bool = True,
    status: int = 200,
) -> Response:
    halls = resources(tenant.id)
    return page(
        "dashboard/google_calendar.html",
        tenant,
        role,
        current="settings",
        status=status,
        resources=halls,
        values={"resource": str(halls[0].id), **values},
        errors=errors or {},
        is_new=is_new,
    )
