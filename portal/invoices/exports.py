"""Many documents in one file: asked for, read, and streamed. ``packing`` puts it together in the background.

The file lies in the database in pieces, because the worker that makes it and the server that hands it
out may be two machines. It is forgotten after two days; the documents stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.db import database, outbox
from portal.invoices import listing
from portal.invoices.listing import Filters
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

MOST = 2_000
_MOST_AT_ONCE = 3
_SHOWN = 5


class ExportStatus(StrEnum):
    """``making → ready | failed``."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Export:
    """How far a file is."""

    id: UUID
    status: ExportStatus
    count: int
    missing_count: int
    done_count: int
    byte_count: int | None
    created_at: datetime

    @property
    def percent(self) -> int:
        """Of the work; 100 only when the file is there."""
        return 100 if self.status is ExportStatus.READY else min(99, 50 * self.done_count // self.count)


_COLUMNS = (
    "id, status, cardinality(invoice_ids) AS count, cardinality(missing_ids) AS missing_count, done_count, byte_count,"
    " created_at"
)


def ask(tenant_id: UUID, filters: Filters, *, at: datetime) -> UUID:
    """Owe a file of everything that the filters find now. Raises Conflict when that is nothing, or too much."""
    with database.writing(tenant_id):
        found = listing.ids(tenant_id, filters, most=MOST)
        if not found:
            raise Conflict(N_("There is nothing to download: no document matches."))
        if len(found) > MOST:
            raise Conflict(N_("One file holds up to 2,000 documents. Please choose a shorter time."))
        under_way = database.value(
            "SELECT count(*) FROM invoice_export WHERE tenant_id = %s AND status = %s", tenant_id, ExportStatus.MAKING
        )
        if under_way >= _MOST_AT_ONCE:
            raise Conflict(N_("Several files are being made already. Please wait until one of them is ready."))
        export_id = uuid7()
        database.execute(
            "INSERT INTO invoice_export (id, tenant_id, status, invoice_ids, created_at) VALUES (%s, %s, %s, %s, %s)",
            export_id,
            tenant_id,
            ExportStatus.MAKING,
            found,
            at,
        )
        outbox.owe("invoice.export", export_id, dedupe_key=f"invoice.export:{export_id}")
        return export_id


def get(tenant_id: UUID, export_id: UUID) -> Export:
    """One file. Raises NotFound, also once it is forgotten."""
    row = database.row(f"SELECT {_COLUMNS} FROM invoice_export WHERE tenant_id = %s AND id = %s", tenant_id, export_id)
    if row is None:
        raise NotFound(N_("This file is not there any more. Please have it made once again."))
    return _view(row)


def newest(tenant_id: UUID) -> list[Export]:
    """The last few."""
    found = database.rows(
        f"SELECT {_COLUMNS} FROM invoice_export WHERE tenant_id = %s ORDER BY created_at DESC LIMIT {_SHOWN}", tenant_id
    )
    return [_view(row) for row in found]


def content(tenant_id: UUID, export_id: UUID) -> Iterator[bytes]:
    """The bytes of a file that is ready, piece by piece, each read in a transaction of its own."""
    position = 0
    while True:
        with database.reading(tenant_id):
            piece = database.value(
                "SELECT content FROM invoice_export_part WHERE tenant_id = %s AND export_id = %s AND position = %s",
                tenant_id,
                export_id,
                position,
            )
        if piece is None:
            return
        yield bytes(piece)
        position += 1


def give_up(tenant_id: UUID, export_id: UUID, *, at: datetime) -> None:
    """It keeps failing: whoever waits for it is told."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE invoice_export SET status = %s, ended_at = %s WHERE tenant_id = %s AND id = %s AND status = %s",
            ExportStatus.FAILED,
            at,
            tenant_id,
            export_id,
            ExportStatus.MAKING,
        )


def _view(row: database.Row) -> Export:
    return Export(**row._asdict() | {"status": ExportStatus(row.status)})
