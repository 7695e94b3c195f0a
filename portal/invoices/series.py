"""The next number of a series, taken in the transaction that issues with it.

Law: the series' row stays locked until the commit. Whoever fails gives the number back, whoever comes next waits for
it: no gap, no double. A later number never has an earlier date.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from portal.db import database
from portal.invoices import numbers
from portal.invoices.numbers import Parts
from portal.invoices.states import DocumentKind
from portal.kernel.ids import uuid7


class Number(NamedTuple):
    """A number that was taken, and the date that goes with it."""

    parts: Parts
    issued_on: date

    @property
    def text(self) -> str:
        """As it is printed."""
        return numbers.written(self.parts)


def take(tenant_id: UUID, kind: DocumentKind, *, prefix: str, today: date) -> Number:
    """The next number of the year in which ``today``, the tenant's calendar day, lies. Within ``writing()`` only."""
    row = database.row(
        "INSERT INTO invoice_series AS s (id, tenant_id, kind, year, next_sequence, last_issued_on)"
        " VALUES (%s, %s, %s, %s, 2, %s) ON CONFLICT ON CONSTRAINT invoice_series_once DO UPDATE"
        " SET next_sequence = s.next_sequence + 1, last_issued_on = greatest(s.last_issued_on, excluded.last_issued_on)"
        " RETURNING next_sequence - 1 AS taken, last_issued_on",
        uuid7(),
        tenant_id,
        kind,
        today.year,
        today,
    )
    assert row is not None  # noqa: S101  the statement inserts or updates
    return Number(Parts(prefix, kind, today.year, row.taken), row.last_issued_on)
