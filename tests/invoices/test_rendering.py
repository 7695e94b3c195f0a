"""Making a PDF: once, kept with its hash; a failure and a hang are seen, tried again and stop nothing else."""

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest

from portal.db import database
from portal.invoices import printer, queries, rendering, service
from portal.invoices.printer import Printer, PrinterBusyError, PrintingError
from portal.kernel import time
from tasks import relay
from tests.support import pdfs
from tests.support.documents import bare_confirmed, brooklyn, line, over, press
from tests.support.world import Business

__all__ = ["press"]
pytestmark = pytest.mark.slow

READY = "import sys, struct, time; sys.stdout.buffer.write(struct.pack('>?I', True, 5) + b'ready'); sys.stdout.flush();"
HANGS = [sys.executable, "-c", READY + "time.sleep(600)"]
DIES = [sys.executable, "-c", READY + "sys.stdin.buffer.read(4); sys.exit('out of ink')"]
NEVER_STARTS = [sys.executable, "-c", "raise SystemExit('no paper')"]
REFUSES = [
    sys.executable,
    "-c",
    READY
    + "n, = struct.unpack('>I', sys.stdin.buffer.read(4)); sys.stdin.buffer.read(n);"
    + "sys.stdout.buffer.write(struct.pack('>?I', False, 4) + b'jam!'); sys.stdout.flush(); sys.stdin.read()",
]


@pytest.fixture
def invoice_id(shop: Business) -> UUID:
    (issued,) = service.keep_up(shop.id, bare_confirmed(shop), at=time.now())
    return issued


@pytest.fixture
def broken(press: Printer, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Printer]:
    made = Printer(request.param, seconds=0.5, start=5)
    monkeypatch.setattr(printer, "PRINTER", made)
    yield made
    made.close()


def row(shop: Business, invoice_id: UUID) -> queries.InvoiceRow:
    with database.reading(shop.id):
        number = database.value("SELECT invoice_number FROM invoice WHERE id = %s", invoice_id)
        return queries.by_number(shop.id, number)


def effects(shop: Business) -> list[UUID]:
    with database.reading(shop.id):
        found = database.rows("SELECT id FROM outbox WHERE kind = 'invoice.render' AND status = 'due' ORDER BY id")
        return [each.id for each in found]


def test_a_pdf_is_made_once_and_kept_with_its_hash(shop: Business, invoice_id: UUID, press: Printer) -> None:
    assert row(shop, invoice_id).has_file is False
    assert rendering.render(shop.id, invoice_id, at=time.now()) is True
    with database.reading(shop.id):
        kept = queries.file(shop.id, invoice_id)
    assert kept
    assert kept.sha256 == hashlib.sha256(kept.content).digest()
    assert kept.name == f"{row(shop, invoice_id).invoice_number}.pdf"
    assert "Ada & Grace" in pdfs.text(kept.content)
    assert rendering.render(shop.id, invoice_id, at=time.now()) is False
    assert row(shop, invoice_id).has_file is True


def test_two_workers_at_once_keep_one_file(shop: Business, invoice_id: UUID, press: Printer) -> None:
    made = rendering.job(brooklyn(), None)
    content = press.make(made)
    assert rendering._keep(shop.id, invoice_id, content, time.now()) is True
    assert rendering._keep(shop.id, invoice_id, content, time.now()) is False


@pytest.mark.parametrize(
    ("broken", "words"),
    [(HANGS, "longer than"), (DIES, "out of ink"), (NEVER_STARTS, "no paper"), (REFUSES, "jam!")],
    indirect=["broken"],
)
def test_a_failure_is_seen_beside_the_document_and_mended_by_the_next_attempt(
    shop: Business, invoice_id: UUID, broken: Printer, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    (effect_id,) = effects(shop)
    assert relay.answer(effect_id) is False
    seen = row(shop, invoice_id)
    assert words in seen.render_failure
    assert seen.render_failed_at
    assert seen.render_attempts == 1
    monkeypatch.undo()
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    service.render_again(shop.id, invoice_id)
    assert relay.answer(effects(shop)[-1]) is True
    seen = row(shop, invoice_id)
    assert (seen.render_failure, seen.render_failed_at, seen.has_file) == ("", None, True)


@pytest.mark.parametrize("broken", [HANGS], indirect=True)
def test_a_hanging_process_is_ended(broken: Printer) -> None:
    with pytest.raises(PrintingError):
        broken.make({})
    assert broken._process is None
    threads = threading.active_count()
    with pytest.raises(PrintingError):
        broken.make({})
    assert threading.active_count() == threads


def test_who_comes_while_another_is_made_is_sent_away_and_not_counted_as_a_failure(
    shop: Business, invoice_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Printer(HANGS, patience=0)
    monkeypatch.setattr(printer, "PRINTER", busy)
    with busy._lock, pytest.raises(PrinterBusyError):
        rendering.render(shop.id, invoice_id, at=time.now())
    assert row(shop, invoice_id).render_failure == ""
    assert row(shop, invoice_id).render_attempts == 0


def test_a_page_without_end_is_stopped_by_time_and_by_memory() -> None:
    endless = {**rendering.job(brooklyn(), None), "html": "<title>x</title>" + "<table><tr><td>x" * 200_000}
    slow = Printer(seconds=3)
    try:
        with pytest.raises(PrintingError):
            slow.make(endless)
        assert slow.make(rendering.job(brooklyn(), None)).startswith(b"%PDF")
    finally:
        slow.close()


def test_the_process_gets_nothing_of_ours(press: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_secret")
    press.close()
    press.make(rendering.job(brooklyn(), None))
    assert press._process
    environment = open(f"/proc/{press._process.pid}/environ", "rb").read()  # noqa: PTH123, SIM115
    assert b"sk_live_secret" not in environment
    assert b"DATABASE" not in environment
    assert os.getpriority(os.PRIO_PROCESS, press._process.pid) > 0


def test_a_foreign_document_is_not_made(shop: Business, rival: Business, invoice_id: UUID) -> None:
    from portal.kernel.errors import NotFound

    with pytest.raises(NotFound):
        rendering.render(rival.id, invoice_id, at=time.now())


def test_what_is_printed_is_what_was_issued(shop: Business, press: Printer) -> None:
    lines = [line("Day", 1, 100, "0", brooklyn().tax_mode)]
    assert press.make(rendering.job(over(brooklyn(), *lines), None)) != press.make(rendering.job(brooklyn(), None))
