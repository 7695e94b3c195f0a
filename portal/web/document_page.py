"""A document on a screen, to read and to print: the page that is also its PDF, with a few links above it.

For every area that shows one; who may see it is theirs to decide. Within the caller's ``reading()``.
"""

from collections.abc import Sequence
from uuid import UUID

from flask import Response, url_for

from portal.invoices import page, queries, rendering
from portal.web import assets


def show(tenant_id: UUID, invoice_id: UUID, *, actions: Sequence[tuple[str, str]]) -> Response:
    """The page. ``actions`` are labels and addresses. Raises NotFound."""
    document = queries.document(tenant_id, invoice_id)
    logo = rendering.logo_of(tenant_id, document)
    sheets = [
        assets.asset("css/document.css"),
        url_for("document.colours", colour=document.look.brand_color.removeprefix("#")),
    ]
    source = page.data_address(logo) if logo else ""
    icon = assets.asset("img/favicon.svg")
    shown = page.html(document, stylesheets=sheets, logo_src=source, logo=logo, actions=actions, icon=icon)
    return Response(shown)


def download(file: queries.InvoiceFile) -> Response:
    """The bytes that everybody gets, to be kept under the document's number."""
    answer = Response(file.content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer.set_etag(file.sha256.hex())
    return answer
