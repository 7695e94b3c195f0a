"""Many documents in one file: all of them in it, made in steps, taken over by a second attempt, forgotten later."""

import io
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.invoices import exports, packing, printer, queries, rendering, service
from portal.invoices.exports import ExportStatus
from portal.invoices.listing import Filters
from portal.kernel import time
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import uuid7
from tasks import cleaning
from tests.support import world
from tests.support.documents import bare_confirmed
from tests.support.mailroom import drain
from tests.support.world import Business

PDF = b"%PDF-1.7 " + b"x" * 200_000


class FakePrinter:
    """Makes the same bytes each time; PDFs of their own have their own tests."""

    def __init__(self) -> None:
        self.made = 0
        self.failing: set[int] = set()
        self.is_busy = False

    def make(self, _job: Any) -> bytes:
        if self.is_busy:
            raise printer.PrinterBusyError("busy")
        self.made += 1
        if self.made in self.failing:
            raise printer.PrintingError("out of paper")
        return PDF


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakePrinter:
    """Instead of the process that makes PDFs."""
    made = FakePrinter()
    monkeypatch.setattr(printer, "PRINTER", made)
    return made


def invoices(shop: Business, count: int) -> list[UUID]:
    return [service.keep_up(shop.id, bare_confirmed(shop), at=time.now())[0] for _ in range(count)]


def ask(shop: Business) -> UUID:
    return exports.ask(shop.id, Filters(), at=time.now())


def get(shop: Business, export_id: UUID) -> exports.Export:
    with database.reading(shop.id):
        return exports.get(shop.id, export_id)


def unpacked(shop: Business, export_id: UUID) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(exports.content(shop.id, export_id))))


def test_every_document_is_in_the_file_under_its_number(shop: Business, fake: FakePrinter) -> None:
    ids = invoices(shop, 12)
    export_id = ask(shop)
    assert get(shop, export_id).percent == 0
    drain(shop.id, but=("invoice.render",))
    done = get(shop, export_id)
    assert (done.status, done.percent, done.count, done.missing_count) == (ExportStatus.READY, 100, 12, 0)
    archive = unpacked(shop, export_id)
    assert archive.testzip() is None
    with database.reading(shop.id):
        numbers = [row.invoice_number for row in (queries.of_booking(shop.id, booking)[0] for booking in bookings(ids))]
    assert archive.namelist() == [f"{each}.pdf" for each in numbers]
    assert archive.read(archive.namelist()[3]) == PDF
    assert done.byte_count == sum(len(each) for each in exports.content(shop.id, export_id))
    assert max(len(each) for each in exports.content(shop.id, export_id)) < 2_000_000


def bookings(ids: list[UUID]) -> list[UUID]:
    found = database.rows("SELECT booking_id FROM invoice WHERE id = ANY (%s) ORDER BY issued_on, id", ids)
    return [row.booking_id for row in found]


def test_what_cannot_be_printed_is_named_in_the_file(shop: Business, fake: FakePrinter) -> None:
    invoices(shop, 3)
    fake.failing = {2}
    export_id = ask(shop)
    assert packing.pack(shop.id, export_id, at=time.now())
    archive = unpacked(shop, export_id)
    assert len(archive.namelist()) == 3
    missing = archive.read("MISSING.txt").decode().split()
    assert get(shop, export_id).missing_count == len(missing) == 1


def test_it_is_made_in_steps_when_it_takes_long_and_waits_while_the_printer_is_busy(
    shop: Business, fake: FakePrinter
) -> None:
    invoices(shop, 2)
    export_id = ask(shop)
    fake.is_busy = True
    assert not packing.pack(shop.id, export_id, at=time.now())
    fake.is_busy = False
    assert not packing.pack(shop.id, export_id, at=time.now(), seconds=-1)
    with database.reading(shop.id):
        owed = database.value(
            "SELECT count(*) FROM outbox WHERE kind = 'invoice.export' AND subject_id = %s", export_id
        )
    assert owed == 3
    assert get(shop, export_id).status is ExportStatus.MAKING
    assert packing.pack(shop.id, export_id, at=time.now())
    assert not packing.pack(shop.id, export_id, at=time.now())
    assert len(unpacked(shop, export_id).namelist()) == 2


def test_an_attempt_that_was_overtaken_writes_no_more(shop: Business, fake: FakePrinter) -> None:
    invoices(shop, 1)
    export_id, run_id = ask(shop), uuid7()
    packing._begin(shop.id, export_id, run_id)
    packing._begin(shop.id, export_id, uuid7())
    with pytest.raises(packing.OvertakenError), database.writing(shop.id):
        packing.note(shop.id, export_id, run_id, 1)
    sink = packing._Sink(shop.id, export_id, run_id)
    sink.write(b"x")
    with pytest.raises(packing.OvertakenError):
        sink.leave()
    assert list(exports.content(shop.id, export_id)) == []


def test_memory_does_not_grow_with_the_number_of_documents(fake: FakePrinter) -> None:
    assert packing_peak(60) < 1.2 * packing_peak(12)


def packing_peak(count: int) -> int:
    """The most memory that is held while so many documents of 200 kB are packed."""
    shop = world.open_shop()
    invoices(shop, count)
    export_id = ask(shop)
    for invoice_id in packing._lacking(shop.id, export_id):
        rendering.render(shop.id, invoice_id, at=time.now())
    tracemalloc.start()
    try:
        assert packing.pack(shop.id, export_id, at=time.now())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_nothing_too_much_and_too_many_at_once_are_refused(
    shop: Business, fake: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Conflict, match="nothing to download"):
        ask(shop)
    invoices(shop, 2)
    monkeypatch.setattr(exports, "MOST", 1)
    with pytest.raises(Conflict, match="shorter time"):
        ask(shop)
    monkeypatch.undo()
    for _ in range(3):
        ask(shop)
    with pytest.raises(Conflict, match="being made already"):
        ask(shop)


def test_one_that_keeps_failing_says_so_and_another_business_sees_none(shop: Business, fake: FakePrinter) -> None:
    invoices(shop, 1)
    export_id = ask(shop)
    exports.give_up(shop.id, export_id, at=time.now())
    assert get(shop, export_id).status is ExportStatus.FAILED
    rival = world.open_shop()
    with pytest.raises(NotFound), database.reading(rival.id):
        exports.get(rival.id, export_id)
    assert list(exports.content(rival.id, export_id)) == []


def test_files_are_forgotten_after_two_days_and_documents_stay(own_database: str, fake: FakePrinter) -> None:
    shop = world.open_shop()
    invoices(shop, 1)
    export_id = ask(shop)
    assert packing.pack(shop.id, export_id, at=time.now())
    cleaning.clean(time.now() + timedelta(hours=47))
    assert list(exports.content(shop.id, export_id))
    cleaning.clean(time.now() + timedelta(hours=49))
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM invoice_export_part") == 0
        assert database.value("SELECT count(*) FROM invoice_file") == 1
