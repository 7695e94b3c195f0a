"""Puts a file of many documents together, in memory that does not grow with their number.

First every PDF that lacks is made, for some seconds at a time, so that no lease runs out; then all of them are written
one after the other. They are compressed already, so the archive only stores them. Whoever starts anew takes the file
over: an attempt that was overtaken writes no more.
"""

import time as stopwatch
import zipfile
from datetime import datetime, timedelta
from typing import IO, cast
from uuid import UUID

from portal.db import database, outbox
from portal.invoices import printer, rendering
from portal.invoices.exports import ExportStatus
from portal.kernel.ids import uuid7

_PIECE = 1 << 19
_SECONDS = 25.0
_LATER = timedelta(seconds=3)
_MISSING_NAME = "MISSING.txt"


class OvertakenError(Exception):
    """Another attempt makes this file now."""


class _Sink:
    """A file that can only be written on; it leaves in pieces."""

    def __init__(self, tenant_id: UUID, export_id: UUID, run_id: UUID) -> None:
        self._tenant_id, self._export_id, self._run_id = tenant_id, export_id, run_id
        self._kept = bytearray()
        self._position = 0
        self.count = 0
        self.done = 0

    def write(self, data: bytes) -> int:
        self._kept += data
        self.count += len(data)
        if len(self._kept) >= _PIECE:
            self.leave()
        return len(data)

    def flush(self) -> None:
        """Nothing leaves before a piece is full."""

    def leave(self) -> None:
        """Write down what is kept here."""
        if not self._kept:
            return
        with database.writing(self._tenant_id):
            note(self._tenant_id, self._export_id, self._run_id, self.done)
            database.execute(
                "INSERT INTO invoice_export_part (id, tenant_id, export_id, position, content)"
                " VALUES (%s, %s, %s, %s, %s)",
                uuid7(),
                self._tenant_id,
                self._export_id,
                self._position,
                bytes(self._kept),
            )
        self._kept.clear()
        self._position += 1


def pack(tenant_id: UUID, export_id: UUID, *, at: datetime, seconds: float = _SECONDS) -> bool:
    """Make a file, or go on with it; whether it is ready now. What is not is owed again."""
    run_id = uuid7()
    ids = _begin(tenant_id, export_id, run_id)
    if ids is None:
        return False
    try:
        if not _make_what_lacks(tenant_id, export_id, run_id, ids, at=at, seconds=seconds):
            with database.writing(tenant_id):
                outbox.owe("invoice.export", export_id, due_at=at + _LATER)
            return False
        sink = _Sink(tenant_id, export_id, run_id)
        missing = _write(tenant_id, sink, ids)
        _finish(tenant_id, export_id, run_id, count=sink.count, missing=missing, at=at)
    except OvertakenError:
        return False
    return True


def note(tenant_id: UUID, export_id: UUID, run_id: UUID, done: int) -> None:
    """How far this attempt is, within the caller's ``writing()``. Raises OvertakenError."""
    touched = database.execute(
        "UPDATE invoice_export SET done_count = greatest(done_count, %s)"
        " WHERE tenant_id = %s AND id = %s AND run = %s AND status = %s",
        done,
        tenant_id,
        export_id,
        run_id,
        ExportStatus.MAKING,
    )
    if not touched:
        raise OvertakenError


def _begin(tenant_id: UUID, export_id: UUID, run_id: UUID) -> list[UUID] | None:
    with database.writing(tenant_id):
        row = database.row(
            "UPDATE invoice_export SET run = %s WHERE tenant_id = %s AND id = %s AND status = %s RETURNING invoice_ids",
            run_id,
            tenant_id,
            export_id,
            ExportStatus.MAKING,
        )
        database.execute(
            "DELETE FROM invoice_export_part p USING invoice_export e WHERE p.tenant_id = %s AND p.export_id = %s"
            " AND e.tenant_id = p.tenant_id AND e.id = p.export_id AND e.run = %s",
            tenant_id,
            export_id,
            run_id,
        )
    return [UUID(str(each)) for each in row.invoice_ids] if row else None


def _make_what_lacks(
    tenant_id: UUID, export_id: UUID, run_id: UUID, ids: list[UUID], *, at: datetime, seconds: float
) -> bool:
    """Make PDFs until there are all, or the time is up; whether there are all that can be made."""
    until = stopwatch.monotonic() + seconds
    lacking = _lacking(tenant_id, export_id)
    for made, invoice_id in enumerate(lacking):
        if stopwatch.monotonic() > until:
            return False
        try:
            rendering.render(tenant_id, invoice_id, at=at)
        except printer.PrinterBusyError:
            return False
        except Exception:  # noqa: BLE001  rendering has noted why; the file names the document
            _note_missing(tenant_id, export_id, invoice_id)
        with database.writing(tenant_id):
            note(tenant_id, export_id, run_id, len(ids) - len(lacking) + made + 1)
    return True


def _lacking(tenant_id: UUID, export_id: UUID) -> list[UUID]:
    with database.reading(tenant_id):
        found = database.rows(
            "SELECT wanted.id FROM invoice_export e, unnest(e.invoice_ids) AS wanted (id)"
            " WHERE e.tenant_id = %s AND e.id = %s AND wanted.id <> ALL (e.missing_ids) AND NOT EXISTS ("
            " SELECT 1 FROM invoice_file f WHERE f.tenant_id = e.tenant_id AND f.invoice_id = wanted.id)",
            tenant_id,
            export_id,
        )
    return [row.id for row in found]


def _note_missing(tenant_id: UUID, export_id: UUID, invoice_id: UUID) -> None:
    with database.writing(tenant_id):
        database.execute(
            "UPDATE invoice_export SET missing_ids = array_append(missing_ids, %s) WHERE tenant_id = %s AND id = %s",
            invoice_id,
            tenant_id,
            export_id,
        )


def _write(tenant_id: UUID, sink: _Sink, ids: list[UUID]) -> list[UUID]:
    """All that there is, and the names of what is not; the latter's ids."""
    missing: dict[UUID, str] = {}
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_STORED) as archive:
        for index, invoice_id in enumerate(ids):
            with database.reading(tenant_id):
                row = database.row(
                    "SELECT i.invoice_number, i.issued_on, f.content FROM invoice i LEFT JOIN invoice_file f"
                    " ON f.tenant_id = i.tenant_id AND f.invoice_id = i.id AND f.format = 'pdf'"
                    " WHERE i.tenant_id = %s AND i.id = %s",
                    tenant_id,
                    invoice_id,
                )
            sink.done = len(ids) + index
            if row is None or row.content is None:
                missing[invoice_id] = row.invoice_number if row else str(invoice_id)
                continue
            on = row.issued_on
            entry = zipfile.ZipInfo(f"{row.invoice_number}.pdf", (on.year, on.month, on.day, 0, 0, 0))
            archive.writestr(entry, bytes(row.content))
        if missing:
            archive.writestr(_MISSING_NAME, "".join(f"{each}\r\n" for each in missing.values()))
    sink.leave()
    return list(missing)


def _finish(tenant_id: UUID, export_id: UUID, run_id: UUID, *, count: int, missing: list[UUID], at: datetime) -> None:
    with database.writing(tenant_id):
        touched = database.execute(
            "UPDATE invoice_export SET status = %s, done_count = 2 * cardinality(invoice_ids), byte_count = %s,"
            " missing_ids = %s::uuid[], ended_at = %s WHERE tenant_id = %s AND id = %s AND run = %s AND status = %s",
            ExportStatus.READY,
            count,
            missing,
            at,
            tenant_id,
            export_id,
            run_id,
            ExportStatus.MAKING,
        )
    if not touched:
        raise OvertakenError
