"""P16: numbers are unique, rising and without gap per series; what was issued never changes, as its hash shows; lines
and tax are the total.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portal.db import database
from portal.invoices import amounts, codec, numbers
from portal.invoices.document import Document, from_json
from portal.invoices.states import DocumentKind
from portal.promises.violations import Violation, everything, found, in_batches

# Each trigger that keeps what was issued; it must stand before every UPDATE and DELETE of a row (pg_trigger.tgtype).
_BEFORE_CHANGES = 27
_TRIGGERS = {
    "invoice": "invoice_stays",
    "invoice_file": "invoice_file_stays",
    "invoice_logo": "invoice_logo_stays",
    "invoice_series": "invoice_series_counts_on",
}


def documents(_at: datetime) -> list[Violation]:
    """P16, always."""
    return [*_triggers(), *_gaps(), *_falling(), *_doubles(), *_files(), *_credits(), *_taken_back(), *_rows()]


def _triggers() -> Iterator[Violation]:
    with everything():
        rows = database.rows(
            "SELECT tgrelid::regclass::text AS held_by, tgname, tgtype FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgname = ANY (%s)",
            list(_TRIGGERS.values()),
        )
    there = {(row.held_by, row.tgname): row.tgtype for row in rows}
    for table, name in _TRIGGERS.items():
        if there.get((table, name)) != _BEFORE_CHANGES:
            yield Violation("P16", table, f"the database no longer refuses changes ({name})")


def _gaps() -> list[Violation]:
    """Numbers 1 to n, and the series says n + 1."""
    return found(
        "P16",
        "SELECT coalesce(s.kind, i.kind) || ' ' || coalesce(s.year, i.year) AS subject, 'has ' || coalesce(i.count, 0)"
        "  || ' numbers up to ' || coalesce(i.last, 0) || ', its series goes on at ' || coalesce(s.next_sequence, 0)"
        "  AS what FROM invoice_series s FULL JOIN (SELECT tenant_id, kind, year, count(DISTINCT sequence) AS count,"
        "   max(sequence) AS last FROM invoice GROUP BY tenant_id, kind, year) i"
        "  ON i.tenant_id = s.tenant_id AND i.kind = s.kind AND i.year = s.year"
        " WHERE i.count IS DISTINCT FROM s.next_sequence - 1 OR i.last IS DISTINCT FROM s.next_sequence - 1",
    )


def _falling() -> list[Violation]:
    return found(
        "P16",
        "SELECT invoice_number AS subject, 'is dated ' || issued_on || ', an earlier number ' || before AS what"
        " FROM (SELECT invoice_number, issued_on, lag(issued_on) OVER"
        "  (PARTITION BY tenant_id, kind, year ORDER BY sequence) AS before FROM invoice) i WHERE before > issued_on",
    )


def _doubles() -> list[Violation]:
    return found(
        "P16",
        "SELECT min(invoice_number) AS subject, count(*) || ' documents have this number' AS what FROM invoice"
        " GROUP BY tenant_id, invoice_number HAVING count(*) > 1"
        " UNION ALL SELECT min(invoice_number), count(*) || ' documents have number ' || sequence || ' of ' || year"
        " FROM invoice GROUP BY tenant_id, kind, year, sequence HAVING count(*) > 1",
    )


def _files() -> list[Violation]:
    return found(
        "P16",
        "SELECT i.invoice_number AS subject, 'its file is not the one that was stored' AS what FROM invoice_file f"
        " JOIN invoice i ON i.tenant_id = f.tenant_id AND i.id = f.invoice_id WHERE f.sha256 <> sha256(f.content)",
    )


def _credits() -> list[Violation]:
    """Credit notes refer to an invoice and take back no more than it asked."""
    return found(
        "P16",
        "SELECT i.invoice_number AS subject, i.kind || ' over ' || i.total_cents || ', credited ' || sum(c.total_cents)"
        "  AS what FROM invoice c JOIN invoice i ON i.tenant_id = c.tenant_id AND i.id = c.refers_to_id"
        " WHERE c.kind = 'credit_note' GROUP BY i.id, i.tenant_id, i.invoice_number, i.kind, i.total_cents"
        " HAVING i.kind <> 'invoice' OR sum(c.total_cents) > i.total_cents",
    )


def _taken_back() -> list[Violation]:
    """A receipt that takes back another speaks of the same refund and the same money."""
    return found(
        "P16",
        "SELECT c.invoice_number AS subject, 'takes back ' || r.invoice_number || ', which is no receipt of its refund'"
        "  AS what FROM invoice c JOIN invoice r ON r.tenant_id = c.tenant_id AND r.id = c.refers_to_id"
        " WHERE c.kind = 'receipt' AND (r.kind, r.booking_id, r.refund_request_id, r.total_cents, r.currency)"
        "  IS DISTINCT FROM (c.kind, c.booking_id, c.refund_request_id, c.total_cents, c.currency)",
    )


def _rows() -> Iterator[Violation]:
    documents_ = in_batches("SELECT i.* FROM invoice i WHERE i.id > %s ORDER BY i.id")
    for row in documents_:
        if fault := _fault(row):
            yield Violation("P16", row.invoice_number, fault)


def _fault(row: Any) -> str:  # noqa: ANN401  a row of the table
    """What is wrong with one document, or nothing."""
    if codec.sha256(row.document) != bytes(row.document_sha256):
        return "its document is not the one that was issued"
    document = from_json(row.document)
    parts = numbers.read(row.invoice_number)
    if parts is None or parts[1:] != (row.kind, row.year, row.sequence):
        return f"is number {row.sequence} of {row.kind}s in {row.year}"
    told = (document.number, document.kind, document.issued_on, document.customer.name, document.currency)
    if told != (row.invoice_number, row.kind, row.issued_on, row.customer_name, row.currency):
        return "its document speaks of another"
    if (document.net_cents, document.tax_cents, document.total_cents) != (
        row.net_cents,
        row.tax_cents,
        row.total_cents,
    ):
        return "its document has other totals"
    return _faulty_sums(document)


def _faulty_sums(document: Document) -> str:
    if document.net_cents + document.tax_cents != document.total_cents:
        return "net and tax are not the total"
    if document.kind is DocumentKind.RECEIPT:
        return "" if abs(document.paid_cents) == document.total_cents else "is a receipt over another amount"
    try:
        totals = amounts.sums(document.lines)
    except ValueError as error:
        return str(error)
    if totals != (document.net_cents, document.tax_cents):
        return "its lines do not add up to its totals"
    if amounts.tax_rows(document.lines) != document.taxes:
        return "its lines do not add up to its taxes"
    return ""
