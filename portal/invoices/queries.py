"""What pages and mails read of issued documents. Plain statements into frozen values; nothing here writes.

A number of another tenant, or of nobody, is NotFound like any other.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from portal.db import database
from portal.invoices import numbers
from portal.invoices.document import Document, from_json
from portal.invoices.states import Called, DocumentKind
from portal.kernel.errors import NotFound
from portal.kernel.text import N_


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """A document as a list shows it. Without a file and without a failure its PDF is being made."""

    id: UUID
    booking_id: UUID
    kind: DocumentKind
    invoice_number: str
    issued_on: date
    customer_name: str
    currency: str
    net_cents: int
    tax_cents: int
    total_cents: int
    refers_to_id: UUID | None
    payment_id: UUID | None
    refund_request_id: UUID | None
    sent_at: datetime | None
    viewed_at: datetime | None
    render_attempts: int
    render_failure: str
    render_failed_at: datetime | None
    has_file: bool

    @property
    def called(self) -> Called:
        """What it is called, without reading what is printed on it."""
        if self.refund_request_id is None:
            return Called(self.kind)
        return Called.REFUND if self.refers_to_id is None else Called.RETURNED_REFUND

    @property
    def signed_cents(self) -> int:
        """Its total, below zero where it gives."""
        return -self.total_cents if self.called.is_back else self.total_cents


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """The bytes that everybody gets, and how they are called."""

    name: str
    content: bytes
    sha256: bytes


_OWN = [field.name for field in fields(InvoiceRow) if field.name != "has_file"]
COLUMNS = (
    ", ".join(f"i.{name}" for name in _OWN)
    + ", EXISTS (SELECT 1 FROM invoice_file f WHERE f.tenant_id = i.tenant_id AND f.invoice_id = i.id) AS has_file"
)


def of_booking(tenant_id: UUID, booking_id: UUID) -> list[InvoiceRow]:
    """Every document of a booking, oldest first."""
    found = database.rows(
        f"SELECT {COLUMNS} FROM invoice i WHERE i.tenant_id = %s AND i.booking_id = %s ORDER BY i.id",
        tenant_id,
        booking_id,
    )
    return [view(row) for row in found]


def issued_with(tenant_id: UUID, invoice_id: UUID) -> list[InvoiceRow]:
    """A document and those that the same event of its booking led to, oldest first."""
    found = database.rows(
        f"SELECT {COLUMNS} FROM invoice i JOIN invoice one ON one.tenant_id = i.tenant_id"
        " AND one.booking_id = i.booking_id AND one.issued_at = i.issued_at"
        " WHERE one.tenant_id = %s AND one.id = %s ORDER BY i.id",
        tenant_id,
        invoice_id,
    )
    return [view(row) for row in found]


def related(tenant_id: UUID, invoice_id: UUID) -> list[InvoiceRow]:
    """The document that one refers to, and those that refer to it, oldest first."""
    found = database.rows(
        f"SELECT {COLUMNS} FROM invoice i WHERE i.tenant_id = %s AND (i.refers_to_id = %s OR i.id ="
        " (SELECT refers_to_id FROM invoice WHERE tenant_id = %s AND id = %s)) ORDER BY i.id",
        tenant_id,
        invoice_id,
        tenant_id,
        invoice_id,
    )
    return [view(row) for row in found]


def by_number(tenant_id: UUID, number: str) -> InvoiceRow:
    """The document with this number. Raises NotFound."""
    row = None
    if numbers.read(number):
        row = database.row(
            f"SELECT {COLUMNS} FROM invoice i WHERE i.tenant_id = %s AND i.invoice_number = %s", tenant_id, number
        )
    if row is None:
        raise NotFound(N_("We know no such document."))
    return view(row)


def document(tenant_id: UUID, invoice_id: UUID) -> Document:
    """Everything that is printed on a document. Raises NotFound."""
    stored = database.value("SELECT document FROM invoice WHERE tenant_id = %s AND id = %s", tenant_id, invoice_id)
    if stored is None:
        raise NotFound(N_("We know no such document."))
    return from_json(stored)


def file(tenant_id: UUID, invoice_id: UUID) -> InvoiceFile | None:
    """The PDF of a document; None while it is being made."""
    row = database.row(
        "SELECT i.invoice_number, f.content, f.sha256 FROM invoice_file f JOIN invoice i"
        " ON i.tenant_id = f.tenant_id AND i.id = f.invoice_id"
        " WHERE f.tenant_id = %s AND f.invoice_id = %s AND f.format = 'pdf'",
        tenant_id,
        invoice_id,
    )
    if row is None:
        return None
    return InvoiceFile(f"{row.invoice_number}.pdf", bytes(row.content), bytes(row.sha256))


def view(row: database.Row) -> InvoiceRow:
    """A row of ``COLUMNS``."""
    return InvoiceRow(*row._replace(kind=DocumentKind(row.kind)))
