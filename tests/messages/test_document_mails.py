"""What a couple is sent of its documents: one mail for what was issued at once, with the PDFs or with links."""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.invoices import printer, queries, rendering
from portal.invoices import service as invoices
from portal.invoices.printer import Printer, PrinterBusyError
from portal.invoices.queries import InvoiceRow
from portal.kernel import time
from portal.kernel.errors import Conflict, NotFound
from portal.messages import document_plans, enclosures
from tasks import claims, mourning, relay
from tests.support import mailroom, pdfs, sold, world
from tests.support.documents import press
from tests.support.mailroom import Letter, letters
from tests.support.sold import Sold
from tests.support.world import Business

__all__ = ["press"]
pytestmark = pytest.mark.slow

READY = "import sys, struct, time; sys.stdout.buffer.write(struct.pack('>?I', True, 5) + b'ready'); sys.stdout.flush();"
HANGS = [sys.executable, "-c", READY + "time.sleep(600)"]
FAILS = [sys.executable, "-c", READY + "sys.stdin.buffer.read(4); sys.exit('out of ink')"]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """A printing process that does this instead."""
    made = Printer(request.param, seconds=0.3, start=5)
    monkeypatch.setattr(printer, "PRINTER", made)
    yield
    made.close()


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)


def told(shop: Business, folder: Path) -> list[Letter]:
    """The mails about documents, once everything but PDFs was carried out."""
    mailroom.drain(shop.id)
    return [letter for letter in letters(folder) if "_2" in letter.subject]


def try_to_render(shop: Business, *, times: int = 1) -> None:
    """Each document that is owed a PDF has so many goes at it."""
    for _ in range(times):
        with database.writing(), platform_scope(reason="a test does not wait"):
            due = database.rows(
                "UPDATE outbox SET due_at = created_at WHERE tenant_id = %s AND kind = 'invoice.render'"
                " AND status = 'due' RETURNING id",
                shop.id,
            )
        for each in due:
            relay.answer(each.id)


def documents(shop: Business, booking: Sold) -> list[InvoiceRow]:
    with database.reading(shop.id):
        return queries.of_booking(shop.id, booking.booking_id)


@pytest.fixture
def booking(shop: Business, mail_folder: Path) -> Sold:
    """A deposit was paid: an invoice and a receipt wait for their PDFs."""
    made = sold.sell(shop)
    mailroom.drain(shop.id)
    return made


def test_what_was_issued_at_once_arrives_in_one_mail_with_its_pdfs(
    shop: Business, booking: Sold, mail_folder: Path, press: Printer
) -> None:
    assert told(shop, mail_folder) == []
    try_to_render(shop)
    mails = told(shop, mail_folder)
    assert [each.to for each in mails] == ["anna@couple.example", "ben@couple.example"]
    invoice, receipt = (each.invoice_number for each in documents(shop, booking))
    assert mails[0].subject == f"Invoice {invoice}, Receipt {receipt} from {shop.tenant.name}"
    assert list(mails[0].attachments) == [f"{invoice}.pdf", f"{receipt}.pdf"]
    assert "Whole day" in pdfs.text(mails[0].attachments[f"{invoice}.pdf"])
    for words in ("attached as a PDF", "$2,000.00", "$1,000.00", f"?pdf={invoice}"):
        assert words in mails[0].text
        assert words in mails[0].html
    assert all(each.sent_at for each in documents(shop, booking))
    assert not any(each.viewed_at for each in documents(shop, booking))


def test_one_pdf_alone_is_not_sent_before_the_other_is_made(shop: Business, booking: Sold, press: Printer) -> None:
    first, second = documents(shop, booking)
    rendering.render(shop.id, first.id, at=time.now())
    assert document_plans.issued(shop.id, first.id, at=time.now()) is False
    rendering.render(shop.id, second.id, at=time.now())
    assert document_plans.issued(shop.id, second.id, at=time.now()) is True


@pytest.mark.parametrize("broken", [FAILS, HANGS], indirect=True, ids=["fails", "hangs"])
def test_when_no_pdf_comes_about_a_link_is_sent_and_a_later_one_is_not_mailed_again(
    shop: Business, booking: Sold, mail_folder: Path, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_to_render(shop, times=2)
    assert told(shop, mail_folder) == []
    try_to_render(shop)
    mails = told(shop, mail_folder)
    assert len(mails) == 2
    assert mails[0].attachments == {}
    rows = documents(shop, booking)
    assert f"?pdf={rows[0].invoice_number}" in mails[0].text
    assert "not attached, but on your page" in mails[0].text
    assert all(each.render_failure and each.sent_at for each in rows)
    monkeypatch.undo()
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    invoices.render_again(shop.id, rows[0].id)
    try_to_render(shop)
    assert all(each.has_file for each in documents(shop, booking))
    assert len(told(shop, mail_folder)) == 2


def test_whoever_finds_the_printer_busy_waits_and_tells_nothing(
    shop: Business, booking: Sold, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> bytes:
        raise PrinterBusyError("busy")

    monkeypatch.setattr(printer.PRINTER, "make", busy)
    try_to_render(shop, times=4)
    assert told(shop, mail_folder) == []
    assert [each.render_failure for each in documents(shop, booking)] == ["", ""]


def test_what_nobody_foresaw_is_written_beside_the_document_too(
    shop: Business, booking: Sold, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> bytes:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(printer.PRINTER, "make", odd)
    try_to_render(shop, times=3)
    assert documents(shop, booking)[0].render_failure == "ZeroDivisionError: odd"
    assert len(told(shop, mail_folder)) == 2


def test_a_pdf_that_is_given_up_is_told_of_with_a_link(shop: Business, booking: Sold, mail_folder: Path) -> None:
    row = documents(shop, booking)[0]
    mourning.mourn(claims.Effect(row.id, shop.id, "invoice.render", row.id, {}, 300), "it was begun too often")
    assert "not attached" in told(shop, mail_folder)[0].text


def test_a_document_is_sent_again_alone_and_three_times_an_hour(
    shop: Business, booking: Sold, mail_folder: Path, press: Printer
) -> None:
    try_to_render(shop)
    before = len(told(shop, mail_folder))
    invoice = documents(shop, booking)[0]
    at = time.now()
    for minutes in (0, 0, 2, 4):
        to = document_plans.resend(shop.id, invoice.id, at=at + timedelta(minutes=minutes))
        assert to == ["anna@couple.example", "ben@couple.example"]
    with pytest.raises(Conflict):
        document_plans.resend(shop.id, invoice.id, at=at + timedelta(minutes=6))
    again = told(shop, mail_folder)[before:]
    assert len(again) == 6
    assert {tuple(each.attachments) for each in again} == {(f"{invoice.invoice_number}.pdf",)}


def test_a_rivals_document_is_not_sent(shop: Business, rival: Business, booking: Sold) -> None:
    with pytest.raises(NotFound):
        document_plans.resend(rival.id, documents(shop, booking)[0].id, at=time.now())
    assert document_plans.issued(rival.id, documents(shop, booking)[0].id, at=time.now(), is_waiting=False) is False


def test_what_is_too_big_to_travel_is_linked(
    shop: Business, booking: Sold, mail_folder: Path, press: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enclosures, "_MOST_BYTES", 10)
    try_to_render(shop)
    mail = told(shop, mail_folder)[0]
    assert mail.attachments == {}
    assert "not attached, but on your page" in mail.text


def test_the_mail_speaks_the_language_of_the_business(
    connected: object, mail_folder: Path, press: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = world.open_shop(locale="fr_FR", timezone="Europe/Paris", currency="EUR")
    sold.sell(shop)
    mailroom.drain(shop.id)
    try_to_render(shop)
    mail = told(shop, mail_folder)[0]
    assert mail.subject.startswith("Facture ")
    assert "joint en PDF" in mail.text
    assert not re.search(r"\b(attached|Download)\b", mail.html)


def test_nothing_is_owed_for_a_document_that_does_not_exist(shop: Business) -> None:
    assert document_plans.issued(shop.id, UUID(int=1), at=time.now()) is False
