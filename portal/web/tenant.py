"""Which tenant a request is about.

Below ``/t/<slug>/`` it is known before the view starts. Elsewhere the view finds out (reference, token, login) and
says ``enter``. From then on texts, figures and the page's frame are the tenant's.
"""

from uuid import UUID

from flask import Flask, g, request

from portal.db import database, tenancy
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.tenants import queries
from portal.tenants.queries import TenantView
from portal.web import speech


def current() -> TenantView:
    """The tenant of this request; outside one it is a programming error to ask."""
    tenant = known()
    if tenant is None:
        msg = "this request has no tenant: use enter() first"
        raise RuntimeError(msg)
    return tenant


def known() -> TenantView | None:
    """The tenant of this request, or None on pages of the platform."""
    found: TenantView | None = g.get("tenant")
    return found


def enter(tenant_id: UUID) -> TenantView:
    """The request turns out to be about this tenant: bind the open transaction to it and speak its language."""
    before = known()
    if before is not None and before.id == tenant_id:
        return before
    g.tenant = tenant = _load(tenant_id)
    speech.speak(tenant.locale, tenant.timezone)
    return tenant


def _load(tenant_id: UUID) -> TenantView:
    if not database.is_open():
        with database.reading(tenant_id):
            return queries.get(tenant_id)
    scope = database.current_scope()
    if scope.found is not None and scope.found.id == tenant_id:  # it came along with the address
        return queries.view(scope.found)
    if scope.tenant_id is None:
        tenancy.bind(tenant_id)
    return queries.get(tenant_id)


def _enter_by_address() -> None:
    rule = request.url_rule
    if rule is None or not rule.rule.startswith("/t/<slug>/"):
        return
    if database.is_open():
        tenant_id = database.current_scope().tenant_id
    else:
        with database.reading_by("tenant_id_by_slug", (request.view_args or {})["slug"], then=queries.BOUND) as scope:
            tenant_id = scope.tenant_id and enter(scope.tenant_id).id
    if tenant_id is None:
        raise NotFound(N_("There is no business at this address. Please check that you copied all of it."))
    enter(tenant_id)


def install(app: Flask) -> None:
    """Find the tenant of each address below ``/t/``, also for a form that is posted there."""
    app.before_request(_enter_by_address)
