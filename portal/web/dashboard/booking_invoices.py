"""The documents of one booking, and its invoice issued by hand after a look at what it would say."""

from flask import Response, flash, url_for

from portal import settings
from portal.bookings import queries as bookings
from portal.db import database
from portal.invoices import queries, rendering, service
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.web import document_frame, htmx, login, speech
from portal.web.dashboard import invoices
from portal.web.dashboard.frame import bp, page


@bp.get("/<slug>/bookings/<reference>/invoices")
def booking_invoices(slug: str, reference: str) -> Response:
    """What was issued."""
    business, role = login.enter(slug)
    found = bookings.by_reference(business.id, reference)
    return page(
        "dashboard/booking_invoices.html",
        business,
        role,
        current="bookings",
        booking=found,
        rows=[(row, invoices.name(row)) for row in queries.of_booking(business.id, found.id)],
        is_on=settings.current().features.invoices,
    )


@bp.get("/<slug>/bookings/<reference>/invoices/draft")
def draft_invoice(slug: str, reference: str) -> Response:
    """What would be issued now; nothing of it is stored."""
    business, role = login.enter(slug)
    found = bookings.by_reference(business.id, reference)
    is_on = settings.current().features.invoices
    draft = service.preview(business.id, found.id, at=time.now()) if is_on else None
    return page(
        "dashboard/invoice_draft.html",
        business,
        role,
        current="bookings",
        booking=found,
        draft=document_frame.source(draft, rendering.logo_of(business.id, draft)) if draft else "",
    )


@bp.post("/<slug>/bookings/<reference>/invoices")
def issue_invoice(slug: str, reference: str) -> Response:
    """Issue it now, whenever the business usually does."""
    business, role = login.enter(slug)
    login.changes(role)
    with database.reading(business.id):
        found = bookings.by_reference(business.id, reference)
    try:
        issued = service.issue(business.id, found.id, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        done = speech.ngettext("Issued: %(num)s document.", "Issued: %(num)s documents.", len(issued))
        flash(done, "good")
    return htmx.see_other(url_for(".booking_invoices", slug=slug, reference=reference))
