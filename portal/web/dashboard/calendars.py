"""Calendars elsewhere: addresses at which they read the bookings, and those whose entries block days here.

Both kinds of address are as secret as a password, so only the owner is given them. Those at Google are connected in
``google_calendar``.
"""

from uuid import UUID

from flask import Response, flash, request, url_for

from portal import settings
from portal.calendars import checking, clearing, connections, feeds, standing
from portal.catalog.queries import ResourceView, resources
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.text import N_
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_NOTHING = N_("This calendar does not exist.")


@bp.get("/<slug>/settings/calendars")
def calendars(slug: str) -> Response:
    """All of them."""
    tenant, role = login.enter(slug)
    return _show(tenant, role)


@bp.post("/<slug>/settings/calendars/feed")
def make_feed(slug: str) -> Response:
    """A new address to subscribe, in the place of the one there was."""
    tenant, role = login.enter(slug)
    login.decides(role)
    person = login.who()
    feeds.make(tenant.id, resource_id=_resource(), user_id=person.user_id if person else None, at=time.now())
    flash(speech.gettext("Here is the new address. One that was in use before shows nothing any more."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug))


@bp.post("/<slug>/settings/calendars/feed/end")
def end_feed(slug: str) -> Response:
    """No address any more."""
    tenant, role = login.enter(slug)
    login.decides(role)
    feeds.end(tenant.id, resource_id=_resource())
    flash(speech.gettext("The address shows nothing any more."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug))


@bp.post("/<slug>/settings/calendars/busy")
def connect_calendar(slug: str) -> Response:
    """Connect a calendar; a worker reads it at once."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {name: single(request.form, name) for name in ("resource", "name", "address", "whole_days")}
    person = login.who()
    try:
        connections.connect(
            tenant.id,
            resource_id=_key(values["resource"]),
            name=values["name"],
            address=values["address"],
            is_whole_days_only=values["whole_days"] == "1",
            user_id=person.user_id if person else None,
            at=time.now(),
        )
    except (Invalid, Conflict) as error:
        fields = {name: speech.sentence(each) for name, each in getattr(error, "fields", {}).items()}
        with database.reading(tenant.id):
            status = 409 if isinstance(error, Conflict) else 422
            return _show(tenant, role, values, fields or {"": speech.sentence(error)}, status=status)
    flash(speech.gettext("Connected. We are reading it now."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug) + "#busy")


@bp.post("/<slug>/settings/calendars/busy/<uuid:connection_id>/check")
def check_calendar(slug: str, connection_id: UUID) -> Response:
    """Have it read now, and say what is wrong."""
    tenant, role = login.enter(slug)
    login.changes(role)
    checking.ask(tenant.id, connection_id, at=time.now())
    return htmx.see_other(url_for(".calendars", slug=slug) + "#busy")


@bp.post("/<slug>/settings/calendars/busy/<uuid:connection_id>/end")
def end_calendar(slug: str, connection_id: UUID) -> Response:
    """Read it no more."""
    tenant, role = login.enter(slug)
    login.decides(role)
    connections.end(tenant.id, connection_id, at=time.now())
    flash(speech.gettext("This calendar blocks no days any more."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug) + "#busy")


@bp.post("/<slug>/settings/calendars/busy/<uuid:connection_id>/leave")
def leave_calendar(slug: str, connection_id: UUID) -> Response:
    """Forget one that is being disconnected, although our events are still in it."""
    tenant, role = login.enter(slug)
    login.decides(role)
    clearing.leave(tenant.id, connection_id)
    flash(speech.gettext("This calendar is forgotten. What is still in it of your bookings stays there."), "good")
    return htmx.see_other(url_for(".calendars", slug=slug) + "#busy")


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_NOTHING) from None


def _resource() -> UUID | None:
    """The resource of a form; none: the whole business."""
    text = single(request.form, "resource")
    return _key(text) if text else None


def _show(
    tenant: TenantView,
    role: Role,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    halls, today = resources(tenant.id), time.today(tenant.timezone)
    return page(
        "dashboard/calendars.html",
        tenant,
        role,
        current="settings",
        status=status,
        resources=halls,
        connections=standing.of_tenant(tenant.id, today=today),
        clashes=standing.clashes(tenant.id, today=today),
        values=values or {"resource": str(halls[0].id)},
        errors=errors or {},
        feeds=_feeds(tenant, halls) if role.may_decide else [],
    )


def _feeds(tenant: TenantView, halls: list[ResourceView]) -> list[dict[str, object]]:
    """A line for the whole business and, if there are several, one for each resource."""
    made = feeds.of_tenant(tenant.id)
    whole: list[tuple[UUID | None, str]] = [(None, speech.gettext("All bookings"))]
    each = [(hall.id, hall.name) for hall in halls] if len(halls) > 1 else []
    lines: list[dict[str, object]] = []
    for resource_id, name in whole + each:
        feed = made.get(resource_id)
        path = url_for("feeds.feed", token=feed.secret) if feed and feed.secret else ""
        lines.append({
            "resource_id": resource_id or "",
            "name": name,
            "feed": feed,
            "address": settings.current().base_url + path if path else "",
        })  # fmt: skip
    return lines
