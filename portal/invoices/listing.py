"""The list of documents: search, filters, pages by key; and the ids of everything that a filter finds.

One statement for a page and one capped count, however many documents there are.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.bookings.listing import words_query
from portal.db import database, paging
from portal.db.paging import DayCursor
from portal.invoices import queries
from portal.invoices.queries import InvoiceRow
from portal.invoices.states import DocumentKind
from portal.kernel.ids import is_reference


class Went(StrEnum):
    """What became of a document."""

    UNSENT = "unsent"
    SENT = "sent"
    VIEWED = "viewed"
    FAILED = "failed"


_WENT = {
    Went.UNSENT: "i.sent_at IS NULL",
    Went.SENT: "i.sent_at IS NOT NULL",
    Went.VIEWED: "i.viewed_at IS NOT NULL",
    Went.FAILED: "i.render_failure <> ''",
}


class Paid(StrEnum):
    """Whether an invoice that stands is paid. One that was taken back whole is neither, nor is any other document."""

    UNPAID = "unpaid"
    PAID = "paid"


# What stands of each invoice against what is there of its booking's money, as the ledger says now and not as it was
# printed once. Money that pays nothing of the price (a second payment, say) does not count; what a dispute took is not
# there. Added up for all at once: where few are found, invoice by invoice takes a second for ten thousand.
_STANDING = (
    "i.id IN (SELECT s.id FROM invoice s"
    " LEFT JOIN (SELECT refers_to_id, sum(total_cents) AS cents FROM invoice"
    "   WHERE tenant_id = %s AND kind = 'credit_note' GROUP BY refers_to_id) credited ON credited.refers_to_id = s.id"
    " LEFT JOIN (SELECT booking_id, sum(amount_cents) AS cents FROM ledger_entry"
    "   WHERE tenant_id = %s AND kind NOT IN ('fee', 'fee_refund') AND (payment_id IS NULL"
    "    OR payment_id IN (SELECT payment_id FROM payment_allocation WHERE tenant_id = %s))"
    "   GROUP BY booking_id) there ON there.booking_id = s.booking_id"
    " WHERE s.tenant_id = %s AND s.kind = 'invoice' AND s.total_cents > coalesce(credited.cents, 0)"
    "  AND s.total_cents - coalesce(credited.cents, 0) {} coalesce(there.cents, 0))"
)
_PAID = {Paid.UNPAID: _STANDING.format(">"), Paid.PAID: _STANDING.format("<=")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; ``first_on`` and ``last_on`` are days of issue."""

    search: str = ""
    kind: DocumentKind | None = None
    went: Went | None = None
    paid: Paid | None = None
    first_on: date | None = None
    last_on: date | None = None


Cursor = DayCursor
Page = paging.Page[InvoiceRow, Cursor]


def listing(tenant_id: UUID, filters: Filters, *, after: Cursor | None = None, limit: int = 25) -> Page:
    """A page of documents, the newest first."""
    where, params = _conditions(tenant_id, filters)
    count = paging.count(f"invoice i WHERE {where}", *params)
    if after is not None:
        where += " AND (i.issued_on, i.id) < (%s, %s)"
        params += [after.on, after.key]
    found = database.rows(
        f"SELECT {queries.COLUMNS} FROM invoice i WHERE {where} ORDER BY i.issued_on DESC, i.id DESC LIMIT %s",
        *params,
        limit + 1,
    )
    rows = [queries.view(row) for row in found]
    return paging.page(rows, limit=limit, count=count, place=lambda row: Cursor(row.issued_on, row.id))


def ids(tenant_id: UUID, filters: Filters, *, most: int) -> list[UUID]:
    """Everything that is found, the oldest first, and one more than ``most`` when it is more."""
    where, params = _conditions(tenant_id, filters)
    found = database.rows(
        f"SELECT i.id FROM invoice i WHERE {where} ORDER BY i.issued_on, i.id LIMIT %s", *params, most + 1
    )
    return [row.id for row in found]


def _conditions(tenant_id: UUID, filters: Filters) -> tuple[str, list[object]]:
    conditions: list[tuple[str, list[object]]] = [("i.tenant_id = %s", [tenant_id])]
    search = filters.search.strip()
    if is_reference(search.upper()):
        of_booking = "i.booking_id = (SELECT b.id FROM booking b WHERE b.tenant_id = %s AND b.reference = %s)"
        conditions.append((of_booking, [tenant_id, search.upper()]))
    elif search:
        conditions.append(("i.id IN (SELECT invoice_ids_matching(%s))", [words_query(search)]))
    if filters.kind is not None:
        conditions.append(("i.kind = %s", [filters.kind]))
    if filters.went is not None:
        conditions.append((_WENT[filters.went], []))
    if filters.paid is not None:
        conditions.append((_PAID[filters.paid], [tenant_id] * 4))
    if filters.first_on is not None:
        conditions.append(("i.issued_on >= %s", [filters.first_on]))
    if filters.last_on is not None:
        conditions.append(("i.issued_on <= %s", [filters.last_on]))
    return " AND ".join(text for text, _ in conditions), [param for _, params in conditions for param in params]
