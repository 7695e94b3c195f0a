"""The PDF of a document: made once, outside of any transaction, and kept with its hash.

A failure is written beside the document, where the business sees it, and raised, so that the outbox tries again.
"""

import base64
import hashlib
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.invoices import einvoice, page, printer, queries, xmp
from portal.invoices.document import Document
from portal.kernel.ids import uuid7
from portal.tenants import invoicing
from portal.tenants.logo import Logo

_LOGO = "logo.png"
_LONGEST_FAILURE = 500


def render(tenant_id: UUID, invoice_id: UUID, *, at: datetime) -> bool:
    """Make the PDF of a document unless it exists; whether this call made it. Raises PrintingError, or what else
    went wrong.
    """
    with database.reading(tenant_id):
        if _is_made(tenant_id, invoice_id):
            return False
        document, logo = _load(tenant_id, invoice_id)
    try:
        made = printer.PRINTER.make(job(document, logo))
    except printer.PrinterBusyError:
        raise
    except Exception as error:
        is_told = isinstance(error, printer.PrintingError)
        _note_failure(tenant_id, invoice_id, str(error) if is_told else f"{type(error).__name__}: {error}", at)
        raise
    return _keep(tenant_id, invoice_id, made, at)


def job(document: Document, logo: Logo | None) -> dict[str, object]:
    """What the printing process is told: the page, its colours and logo, and its data when it carries them."""
    has_data = einvoice.is_due(document)
    return {
        "html": page.html(document, stylesheets=(), logo_src=_LOGO, logo=logo),
        "colours": page.colours(document.look.brand_color),
        "logo": base64.b64encode(logo.content).decode() if logo else None,
        "identifier": hashlib.sha256(document.number.encode()).hexdigest()[:32],
        "created": f"{document.issued_on.isoformat()}T00:00:00+00:00",
        "xml": einvoice.xml(document) if has_data else None,
        "xml_name": einvoice.FILE_NAME,
        "xml_description": einvoice.DESCRIPTION,
        "xml_metadata": xmp.metadata() if has_data else "",
    }


def logo_of(tenant_id: UUID, document: Document) -> Logo | None:
    """The picture that a document shows, within the open transaction."""
    sha256 = document.look.logo_sha256
    return invoicing.find_logo(tenant_id, bytes.fromhex(sha256)) if sha256 else None


def _load(tenant_id: UUID, invoice_id: UUID) -> tuple[Document, Logo | None]:
    document = queries.document(tenant_id, invoice_id)
    return document, logo_of(tenant_id, document)


def _is_made(tenant_id: UUID, invoice_id: UUID) -> bool:
    return bool(
        database.value(
            "SELECT 1 FROM invoice_file WHERE tenant_id = %s AND invoice_id = %s AND format = 'pdf'",
            tenant_id,
            invoice_id,
        )
    )


def _keep(tenant_id: UUID, invoice_id: UUID, made: bytes, at: datetime) -> bool:
    with database.writing(tenant_id):
        kept = database.execute(
            "INSERT INTO invoice_file (id, tenant_id, invoice_id, format, content, sha256, created_at)"
            " VALUES (%s, %s, %s, 'pdf', %s, %s, %s) ON CONFLICT ON CONSTRAINT invoice_file_once DO NOTHING",
            uuid7(),
            tenant_id,
            invoice_id,
            made,
            hashlib.sha256(made).digest(),
            at,
        )
        database.execute(
            "UPDATE invoice SET render_attempts = render_attempts + 1, render_failure = '', render_failed_at = NULL"
            " WHERE tenant_id = %s AND id = %s",
            tenant_id,
            invoice_id,
        )
    return bool(kept)


def _note_failure(tenant_id: UUID, invoice_id: UUID, failure: str, at: datetime) -> None:
    with database.writing(tenant_id):
        database.execute(
            "UPDATE invoice SET render_attempts = render_attempts + 1, render_failure = %s, render_failed_at = %s"
            " WHERE tenant_id = %s AND id = %s",
            failure[:_LONGEST_FAILURE] or "unknown",
            at,
            tenant_id,
            invoice_id,
        )
