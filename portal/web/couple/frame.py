"""What the couple's pages share: their blueprint, and the booking that a browser may see.

A stranger gets one page for every reference, real or invented. Nothing here changes anything: opening a link, or a
mail scanner opening it a hundred times, only sets a cookie.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response

from portal.bookings import queries, tokens
from portal.bookings.queries import BookingView
from portal.db import tenancy
from portal.kernel.errors import NotFound
from portal.tenants.queries import TenantView
from portal.web import links, tenant
from portal.web.render import render

bp = Blueprint("couple", __name__)


def own_booking(reference: str, *, at: datetime) -> tuple[TenantView, BookingView] | None:
    """The booking of a reference and its business, if this browser holds a link to it; the page then speaks for it."""
    held = links.held()
    tenant_id = queries.tenant_of(reference) if held else None
    if tenant_id is None:
        return None
    tenancy.bind(tenant_id)
    try:
        booking = queries.by_reference(tenant_id, reference)
    except NotFound:
        return None
    if tokens.link_to(tenant_id, booking.id, held, at=at) is None:
        return None
    return tenant.enter(tenant_id), booking


def stranger(
    reference: str,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = HTTPStatus.NOT_FOUND,
    is_sent: bool = False,
) -> Response:
    """The page for a browser that holds no link to what it asks for."""
    return render(
        "couple/stranger.html",
        status=status,
        reference=reference[:40],
        values=values or {},
        errors=errors or {},
        is_sent=is_sent,
    )
