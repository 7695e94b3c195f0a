"""A couple's invoices, credit notes and receipts: to read, to print and to keep. Their own links alone open them.

A number of another booking is as unknown as an invented one. A PDF that is still being made is waited for by the page,
not by the server; the page to print is there from the start. Looking changes nothing: that a document was seen is
noted elsewhere.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Response, url_for

from portal.bookings.queries import BookingView
from portal.invoices import page, queries
from portal.invoices.queries import InvoiceRow
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.web import document_page, doorbell, htmx, limits, speech
from portal.web.couple.frame import bp, own_booking, stranger
from portal.web.render import render_page_or_fragment

# A whole booking's papers many times over, and far from what would keep other pages waiting.
_DOWNLOADS = "120/minute"
_SECONDS, _LOOKS = 2, 45


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as the couple's page lists it."""

    name: str
    number: str
    issued_on: date
    cents: int
    is_made: bool
    is_delayed: bool
    page_url: str
    pdf_url: str


@bp.get("/manage/<reference>/invoices/<number>")
def document(reference: str, number: str) -> Response:
    """The document to read and to print."""
    found = own_booking(reference, at=time.now())
    if found is None:
        return stranger(reference)
    tenant, booking = found
    row = _own(tenant.id, booking, number)
    actions = [
        (speech.gettext("Back to your booking"), url_for(".manage", reference=reference)),
        (speech.gettext("Download the PDF"), url_for(".document_pdf", reference=reference, number=number)),
    ]
    return document_page.show(tenant.id, row.id, actions=actions)


@bp.get("/manage/<reference>/invoices/<number>.pdf")
def document_pdf(reference: str, number: str) -> Response:
    """Its PDF; while that is being made a page that says so, and looks again."""
    found = own_booking(reference, at=time.now())
    if found is None:
        return stranger(reference)
    tenant, booking = found
    limits.hit("documents", str(booking.id), _DOWNLOADS, tenant_id=tenant.id)
    row = _own(tenant.id, booking, number)
    file = queries.file(tenant.id, row.id) if row.has_file else None
    if file is not None and not htmx.wants_fragment():
        return document_page.download(file)
    look = doorbell.next_look(_LOOKS)
    return render_page_or_fragment(
        "couple/document_waits.html",
        "couple/parts/document_waits.html",
        booking=booking,
        document=_shown(row, reference),
        poll_url=url_for(".document_pdf", reference=reference, number=number, look=look) if look else None,
        poll_seconds=_SECONDS,
        booking_url=url_for(".manage", reference=reference),
    )


def listed(tenant_id: UUID, booking: BookingView) -> list[Shown]:
    """What was issued for a booking, newest first."""
    rows = queries.of_booking(tenant_id, booking.id)
    return [_shown(row, booking.reference) for row in reversed(rows)]


def _own(tenant_id: UUID, booking: BookingView, number: str) -> InvoiceRow:
    row = queries.by_number(tenant_id, number)
    if row.booking_id != booking.id:
        raise NotFound(N_("We know no such document."))
    return row


def _shown(row: InvoiceRow, reference: str) -> Shown:
    return Shown(
        name=speech.gettext(page.name_of(row.called)),
        number=row.invoice_number,
        issued_on=row.issued_on,
        cents=row.total_cents,
        is_made=row.has_file,
        is_delayed=not row.has_file and bool(row.render_failure),
        page_url=url_for(".document", reference=reference, number=row.invoice_number),
        pdf_url=url_for(".document_pdf", reference=reference, number=row.invoice_number),
    )
