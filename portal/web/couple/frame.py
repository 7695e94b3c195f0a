"""What the couple's pages share: their blueprint, and the booking that a browser may see.

Law: a link opens the pages of its purpose alone, and such a page leads to no other (``way_back``).
A stranger gets one page for every reference, real or invented. Nothing here changes anything: opening a link, or a
mail scanner opening it a hundred times, only sets a cookie. Links for one change are used up by the verb that makes it.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, g, url_for

from portal.bookings import queries, tokens
from portal.bookings.queries import BookingView, Opened
from portal.bookings.states import LinkAction, Purpose
from portal.bookings.tokens import Link
from portal.db import database
from portal.kernel import time
from portal.tenants.queries import TenantView
from portal.web import links, tenant
from portal.web.couple.ended import ended
from portal.web.render import render

bp = Blueprint("couple", __name__)
_SHARED = {LinkAction.LOOK: "couple.look", LinkAction.PAY: "couple.pay"}


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


def own_form(
    reference: str, *, at: datetime, purpose: Purpose = Purpose.MANAGE
) -> tuple[TenantView, BookingView] | None:
    """The same for a form that was sent: the reading ends before anything is changed."""
    with database.reading_by("tenant_id_by_reference", reference):
        return own_booking(reference, at=at, purpose=purpose)


def opened_by() -> Opened:
    """Which link has opened what ``own_booking`` found last."""
    opened: Opened = g.opened
    return opened


def onward(reference: str) -> str:
    """Where it goes on once something was done: to the couple's page, for whoever may see it."""
    return way_back() or url_for("couple.done", reference=reference)


def way_back() -> str:
    """The couple's page, for pages that lead back to it; empty for a browser whose link opens only something of it."""
    opened = opened_by()
    return url_for("couple.manage", reference=opened.booking.reference) if opened.is_whole else ""


def stranger(
    reference: str,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = HTTPStatus.NOT_FOUND,
    is_sent: bool = False,
) -> Response:
    """The page for a browser that holds no link to what it asks for; one whose link has ended is told so."""
    link = None if values or is_sent else ended_link(reference, at=time.now())
    if link is not None:
        return ended(link, renew_url=url_for("couple.renew_held", reference=reference))
    return render(
        "couple/stranger.html",
        status=status,
        reference=reference[:40],
        values=values or {},
        errors=errors or {},
        is_sent=is_sent,
    )


def refused(reference: str) -> Response:
    """The same for a form that was sent, outside of any transaction."""
    with database.reading_by("tenant_id_by_reference", reference):
        return stranger(reference)


def shared_page(reference: str, *, at: datetime) -> str:
    """The page that a link shared with this browser opens, for somebody who asks for the couple's; empty if none."""
    held, tenant_id = links.held(), database.current_scope().tenant_id
    if not held or tenant_id is None:
        return ""
    actions = tokens.actions_held(tenant_id, reference, held, at=at)
    page = next((page for action, page in _SHARED.items() if action in actions), "")
    return url_for(page, reference=reference) if page else ""


def ended_link(reference: str, *, at: datetime) -> Link | None:
    """The link to a booking that this browser held until it ended. In a transaction bound by the reference."""
    held = links.held()
    tenant_id = database.current_scope().tenant_id if database.is_open() else None
    return tokens.ended_link(tenant_id, reference, held, at=at) if held and tenant_id else None
