"""All documents that a list finds in one file: asked for, watched while it is made, fetched."""

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.invoices import exports
from portal.invoices.exports import Export, ExportStatus
from portal.kernel import time
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.text import N_
from portal.web import doorbell, htmx, login, render, speech
from portal.web.dashboard import invoices
from portal.web.dashboard.frame import bp, page
from portal.web.forms import single

_SECONDS, _LOOKS = 2, 300


@bp.post("/<slug>/invoices/exports")
def ask_export(slug: str) -> Response:
    """Have a file made of what the list finds now."""
    business, role = login.enter(slug)
    login.changes(role)
    asked = invoices.asked_in({name: single(request.form, name) for name in invoices.NAMES})
    try:
        export_id = exports.ask(business.id, invoices.filters(asked), at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
        return htmx.see_other(invoices.address(slug, asked))
    return htmx.see_other(url_for(".export", slug=slug, export_id=export_id))


@bp.get("/<slug>/invoices/exports")
def exported(slug: str) -> Response:
    """The last files."""
    business, role = login.enter(slug)
    found = exports.newest(business.id)
    return page("dashboard/invoice_exports.html", business, role, current="money", exports=found)


@bp.get("/<slug>/invoices/exports/<uuid:export_id>")
def export(slug: str, export_id: UUID) -> Response:
    """How far a file is; the page looks by itself, or at the press of a button."""
    business, role = login.enter(slug)
    found = exports.get(business.id, export_id)
    look = doorbell.next_look(_LOOKS) if found.status is ExportStatus.MAKING else None
    context: dict[str, object] = {
        "export": found,
        "poll_url": url_for(".export", slug=slug, export_id=export_id, look=look) if look else None,
        "poll_seconds": _SECONDS,
    }
    if htmx.wants_fragment("export"):
        return render.render("dashboard/parts/export.html", status=200, **context)
    return page("dashboard/invoice_export.html", business, role, current="money", status=200, **context)


@bp.get("/<slug>/invoices/exports/<uuid:export_id>/documents.zip")
def export_file(slug: str, export_id: UUID) -> Response:
    """The file, read piece by piece while it leaves."""
    business, _ = login.enter(slug)
    found = exports.get(business.id, export_id)
    if found.status is not ExportStatus.READY:
        raise NotFound(N_("This file is not ready yet."))
    answer = Response(exports.content(business.id, export_id), content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_name(business.slug, found)}"'
    answer.headers["Content-Length"] = str(found.byte_count)
    return answer


def _name(slug: str, found: Export) -> str:
    return f"{slug}-{found.created_at:%Y-%m-%d}-{found.count}.zip"
