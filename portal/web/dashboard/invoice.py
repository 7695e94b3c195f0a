"""One document: what it says, what became of it, its PDF. It can be sent, marked and printed again, never changed."""

from flask import Response, flash, url_for

from portal.db import database
from portal.identity.roles import Role
from portal.invoices import queries, service
from portal.invoices.queries import InvoiceRow
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.messages import document_plans
from portal.tenants.queries import TenantView
from portal.web import document_page, doorbell, htmx, login, render, speech
from portal.web.dashboard import invoices
from portal.web.dashboard.frame import bp, page

_SECONDS, _LOOKS = 2, 45


@bp.get("/<slug>/invoices/<number>")
def invoice(slug: str, number: str) -> Response:
    """The document's page; a fragment of it says how its PDF stands."""
    business, role = login.enter(slug)
    return _show(business, role, queries.by_number(business.id, number))


@bp.get("/<slug>/invoices/<number>.pdf")
def invoice_pdf(slug: str, number: str) -> Response:
    """Its PDF, or the document's page while that is being made."""
    business, role = login.enter(slug)
    row = queries.by_number(business.id, number)
    file = queries.file(business.id, row.id) if row.has_file else None
    return document_page.download(file) if file else _show(business, role, row)


@bp.get("/<slug>/invoices/<number>/print")
def invoice_print(slug: str, number: str) -> Response:
    """The document to read and to print."""
    business, _ = login.enter(slug)
    row = queries.by_number(business.id, number)
    back = (speech.gettext("Back"), url_for(".invoice", slug=slug, number=number))
    download = (speech.gettext("Download the PDF"), url_for(".invoice_pdf", slug=slug, number=number))
    return document_page.show(business.id, row.id, actions=[back, *([download] if row.has_file else [])])


@bp.get("/<slug>/invoices/<number>/edit")
def edit_invoice(slug: str, number: str) -> Response:
    """What to do instead of changing it."""
    business, role = login.enter(slug)
    return _instead(business, role, number)


@bp.post("/<slug>/invoices/<number>/edit")
def change_invoice(slug: str, number: str) -> Response:
    """Somebody tried to change it: nothing is changed, and the page says what to do instead."""
    business, role = login.enter(slug)
    login.changes(role)
    with database.reading(business.id):
        return _instead(business, role, number, status=409)


@bp.post("/<slug>/invoices/<number>/send")
def send_invoice(slug: str, number: str) -> Response:
    """Mail it to the couple once more."""
    business, row = _enter_to_change(slug, number)
    try:
        to = document_plans.resend(business.id, row.id, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        flash(speech.gettext("It is on its way to %(addresses)s.", addresses=", ".join(to)), "good")
    return htmx.see_other(url_for(".invoice", slug=slug, number=number))


@bp.post("/<slug>/invoices/<number>/sent")
def mark_invoice_sent(slug: str, number: str) -> Response:
    """It was handed over in some other way."""
    business, row = _enter_to_change(slug, number)
    service.mark_sent(business.id, row.id, at=time.now())
    flash(speech.gettext("Marked as sent."), "good")
    return htmx.see_other(url_for(".invoice", slug=slug, number=number))


@bp.post("/<slug>/invoices/<number>/viewed")
def mark_invoice_viewed(slug: str, number: str) -> Response:
    """The couple said that they have it."""
    business, row = _enter_to_change(slug, number)
    service.mark_viewed(business.id, row.id, at=time.now())
    flash(speech.gettext("Marked as viewed."), "good")
    return htmx.see_other(url_for(".invoice", slug=slug, number=number))


@bp.post("/<slug>/invoices/<number>/render")
def render_invoice(slug: str, number: str) -> Response:
    """Try again to make its PDF; one that exists stays."""
    business, row = _enter_to_change(slug, number)
    if row.has_file:
        flash(speech.gettext("The PDF is there already. It is made once and then stays as it is."), "warn")
    else:
        service.render_again(business.id, row.id)
        flash(speech.gettext("The PDF is being made."), "good")
    return htmx.see_other(url_for(".invoice", slug=slug, number=number))


def _enter_to_change(slug: str, number: str) -> tuple[TenantView, InvoiceRow]:
    business, role = login.enter(slug)
    login.changes(role)
    with database.reading(business.id):
        return business, queries.by_number(business.id, number)


def _show(business: TenantView, role: Role, row: InvoiceRow) -> Response:
    look = doorbell.next_look(_LOOKS)
    standing: dict[str, object] = {
        "row": row,
        "poll_url": url_for(".invoice", slug=business.slug, number=row.invoice_number, look=look) if look else None,
        "poll_seconds": _SECONDS,
        "may_change": role.may_change,
    }
    if htmx.wants_fragment("pdf"):
        return render.render("dashboard/parts/document_pdf.html", status=200, **standing)
    return page(
        "dashboard/invoice.html",
        business,
        role,
        current="money",
        status=200,
        name=invoices.name(row),
        doc=queries.document(business.id, row.id),
        related=[(each, invoices.name(each)) for each in queries.related(business.id, row.id)],
        **{each: value for each, value in standing.items() if each != "may_change"},
    )


def _instead(business: TenantView, role: Role, number: str, *, status: int = 200) -> Response:
    row = queries.by_number(business.id, number)
    return page(
        "dashboard/invoice_stays.html",
        business,
        role,
        current="money",
        status=status,
        row=row,
        name=invoices.name(row),
        sentence=speech.gettext(service.STAYS),
        reference=queries.document(business.id, row.id).booking_reference,
    )
