"""The list of documents: search, filters, pages by key; and the ids of everything that a filter finds.

One statement for a page and one capped count, however many documents there are. The position in the list is the last
row's day and key, so that pages stay put while documents are added.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.bookings.listing import words_query
from portal.db import database
from portal.invoices import queries
from portal.invoices.queries import InvoiceRow
from portal.invoices.states import DocumentKind
from portal.kernel.errors import Invalid
from portal.kernel.ids import is_reference
from portal.kernel.text import N_, is_iso_date

COUNTED = 1_000


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


# What stands of an invoice against what the ledger says now is there of its booking's money, not what was printed once.
# Money that pays nothing of the price (a second payment, say) does not count; what a dispute took is not there.
_STANDS = (
    "i.total_cents - coalesce((SELECT sum(n.total_cents) FROM invoice n WHERE n.tenant_id = i.tenant_id"
    " AND n.refers_to_id = i.id AND n.kind = 'credit_note'), 0)"
)
_IS_THERE = (
    "coalesce((SELECT sum(l.amount_cents) FROM ledger_entry l WHERE l.tenant_id = i.tenant_id"
    " AND l.booking_id = i.booking_id AND l.kind NOT IN ('fee', 'fee_refund')"
    " AND (l.payment_id IS NULL OR EXISTS (SELECT 1 FROM payment_allocation a WHERE a.tenant_id = l.tenant_id"
    "  AND a.payment_id = l.payment_id))), 0)"
)
_PAID = {
    Paid.UNPAID: f"i.kind = 'invoice' AND {_STANDS} > greatest({_IS_THERE}, 0)",
    Paid.PAID: f"i.kind = 'invoice' AND {_STANDS} BETWEEN 1 AND {_IS_THERE}",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; ``first_on`` and ``last_on`` are days of issue."""

    search: str = ""
    kind: DocumentKind | None = None
    went: Went | None = None
    paid: Paid | None = None
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the list: after this row."""

    issued_on: date
    invoice_id: UUID

    def __str__(self) -> str:
        return f"{self.issued_on.isoformat()}_{self.invoice_id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The position that an address carries. Raises Invalid."""
        on, _, key = text.partition("_")
        try:
            if is_iso_date(on):
                return cls(date.fromisoformat(on), UUID(hex=key))
        except ValueError:
            pass
        raise Invalid(N_("This page of the list does not exist. Please start from its beginning."))


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, where the next ones begin, and how many there are in all, counted up to a thousand."""

    rows: list[InvoiceRow]
    next: Cursor | None
    count: int
    has_more_than_counted: bool


def listing(tenant_id: UUID, filters: Filters, *, after: Cursor | None = None, limit: int = 25) -> Page:
    """A page of documents, the newest first."""
    where, params = _conditions(tenant_id, filters)
    count = database.value(
        f"SELECT count(*) FROM (SELECT 1 FROM invoice i WHERE {where} LIMIT {COUNTED + 1}) AS counted", *params
    )
    if after is not None:
        where += " AND (i.issued_on, i.id) < (%s, %s)"
        params += [after.issued_on, after.invoice_id]
    found = database.rows(
        f"SELECT {queries.COLUMNS} FROM invoice i WHERE {where} ORDER BY i.issued_on DESC, i.id DESC LIMIT %s",
        *params,
        limit + 1,
    )
    rows = [queries.view(row) for row in found[:limit]]
    last = Cursor(rows[-1].issued_on, rows[-1].id) if len(found) > limit else None
    return Page(rows, last, min(count, COUNTED), count > COUNTED)


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
        conditions.append((_PAID[filters.paid], []))
    if filters.first_on is not None:
        conditions.append(("i.issued_on >= %s", [filters.first_on]))
    if filters.last_on is not None:
        conditions.append(("i.issued_on <= %s", [filters.last_on]))
    return " AND ".join(text for text, _ in conditions), [param for _, params in conditions for param in params]
