"""The couple's links: who can open what, a new one for somebody else, and the end of each.

A new link is shown once, on the answer to the form that made it, which nobody keeps; its raw token is stored nowhere.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, request, url_for

from portal import settings
from portal.bookings import sharing, tokens
from portal.bookings.queries import BookingView
from portal.bookings.sharing import ActiveLink
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, links, speech
from portal.web.couple.frame import bp, own_booking, own_form, refused, stranger, way_back
from portal.web.forms.reading import single
from portal.web.render import render

_NEW = "30/hour"
_FIELDS = ("label", "action", "form_id")
_FOR = {
    LinkAction.MANAGE: N_("Opens everything"),
    LinkAction.BROWSER: N_("Opens everything"),
    LinkAction.RESCHEDULE: N_("Moves the date, once"),
    LinkAction.CANCEL: N_("Cancels the booking, once"),
    LinkAction.EMAIL: N_("Confirms a new address, once"),
    LinkAction.LOOK: N_("Only looks"),
    LinkAction.PAY: N_("Only pays"),
}


@bp.get("/manage/<reference>/links")
def own_links(reference: str) -> Response:
    """Every link that works, and the form for one more."""
    at = time.now()
    found = own_booking(reference, at=at)
    return _page(*found, at) if found else stranger(reference)


@bp.post("/manage/<reference>/links")
def share_link(reference: str) -> Response:
    """Make a link for somebody else and show it, this once."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("shared-links", str(booking.id), _NEW, tenant_id=tenant.id)
    values = {name: (request.form.getlist(name) or [""])[0] for name in _FIELDS}
    try:
        typed = {name: single(request.form, name) for name in _FIELDS}
        minted = sharing.share(
            tenant.id, booking.id, _form_id(typed["form_id"]), action=typed["action"], label=typed["label"], at=at
        )
    except (Invalid, Conflict) as error:
        status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
        with database.reading(tenant.id):
            return _page(tenant, booking, at, values=values, error=error, status=status)
    with database.reading(tenant.id):
        return render(
            "couple/shared_link.html",
            status=HTTPStatus.OK,
            package_name=booking.package_name,
            event_on=booking.event_on,
            label=typed["label"].strip(),
            is_for_paying=typed["action"] == LinkAction.PAY,
            # At our own address, whatever name the browser has asked for.
            url=settings.current().base_url + url_for("couple.enter", token=minted.raw),
            links_url=url_for("couple.own_links", reference=reference),
        )


@bp.post("/manage/<reference>/links/<uuid:token_id>/end")
def end_link(reference: str, token_id: UUID) -> Response:
    """This one opens nothing any more."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    if sharing.end(tenant.id, booking.id, token_id, at=at):
        flash(speech.gettext("The link has ended. It opens nothing any more."), "good")
    else:
        flash(speech.gettext("This link had ended already."))
    return htmx.see_other(url_for("couple.own_links", reference=reference))


@bp.post("/manage/<reference>/links/end-others")
def end_other_links(reference: str) -> Response:
    """Every link ends but those of this browser."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    count = sharing.end_others(tenant.id, booking.id, keep=links.held(), at=at)
    flash(speech.ngettext("%(num)d link has ended.", "%(num)d links have ended.", count), "good")
    return htmx.see_other(url_for("couple.own_links", reference=reference))


def _page(
    tenant: TenantView,
    booking: BookingView,
    at: datetime,
    *,
    values: dict[str, str] | None = None,
    error: PortalError | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    every = sharing.active(tenant.id, booking.id, at=at)
    fields = error.fields if isinstance(error, Invalid) else {}
    shown = {name: speech.sentence(each) for name, each in fields.items() if name != "form_id"}
    if error is not None and not shown:
        shown = {"": speech.sentence(error)}
    return render(
        "couple/links.html",
        status=status,
        booking=booking,
        may_share=sharing.may_share(booking.status),
        form_id=uuid7(),
        booking_url=way_back(),
        values=values or {"action": LinkAction.LOOK.value},
        errors=shown,
        longest=sharing.LONGEST_LABEL,
        shared=[_row(booking, each) for each in every if each.action in sharing.SHARED],
        mailed=[_row(booking, each) for each in every if each.action not in sharing.SHARED],
    )


def _row(booking: BookingView, link: ActiveLink) -> dict[str, object]:
    return {
        "title": link.label or speech.gettext(_FOR[link.action]),
        "what": speech.gettext(_FOR[link.action]) if link.label else "",
        "sent_to": tokens.masked(link.recipient) if link.recipient else "",
        "created_at": link.created_at,
        "is_shared": link.action in sharing.SHARED,
        "opened_at": link.opened_at,
        "expires_at": link.expires_at,
        "is_ours": link.id in links.held(),
        "is_browser": link.action is LinkAction.BROWSER,
        "end_url": url_for("couple.end_link", reference=booking.reference, token_id=link.id),
    }


def _form_id(text: str) -> UUID:
    """The form's own key; an old or broken form is asked for again."""
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(N_("This form has grown old. Please send it once more.")) from None
