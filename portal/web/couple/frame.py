"""What the couple's pages share: their blueprint, and the booking that a browser may see.

A stranger gets one page for every reference, real or invented. Nothing here changes anything: opening a link, or a
mail scanner opening it a hundred times, only sets a cookie.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, g

from portal.bookings import queries
from portal.bookings.queries import BookingView, Opened
from portal.bookings.states import Purpose
from portal.db import database
from portal.tenants.queries import TenantView
from portal.web import links, tenant
from portal.web.render import render

bp = Blueprint("couple", __name__)


def own_booking(
    reference: str, *, at: datetime, purpose: Purpose = Purpose.MANAGE
) -> tuple[TenantView, BookingView] | None:
    """The booking of a reference and its business, if this browser holds a link that opens such a page of it.

    The transaction of an address below ``/manage/<reference>`` is bound to the booking's tenant from its start; the
    page then speaks for the tenant.
    """
    held, tenant_id = links.held(), database.current_scope().tenant_id
    if not held or tenant_id is None:
        return None
    opened = queries.by_link(tenant_id, reference, held, purpose=purpose, at=at)
    if opened is None:
        return None
    g.opened = opened
    return tenant.enter(tenant_id), opened.booking


def opened_by() -> Opened:
    """Which link has opened what ``own_booking`` found last: a page of one purpose must not lead to others."""
    opened: Opened = g.opened
    return opened


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
