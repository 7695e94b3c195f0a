"""A couple's documents: listed, to print, to download, waited for; for their own links alone."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import settings
from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.invoices import printer, queries, rendering
from portal.invoices import service as invoices
from portal.invoices.printer import PrintingError
from portal.invoices.queries import InvoiceRow
from portal.kernel import time
from portal.settings import Features, Settings
from portal.web.application import Application
from portal.web.couple import invoices as pages
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.documents import press
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to

__all__ = ["press"]
Page = Callable[[], str]


def rows(shop: Business, booking: Sold) -> list[InvoiceRow]:
    with database.reading(shop.id):
        return queries.of_booking(shop.id, booking.booking_id)


@pytest.fixture
def invoice(shop: Business, booking: Sold) -> InvoiceRow:
    """The invoice of the booking; a receipt came with it."""
    invoices.keep_up(shop.id, booking.booking_id, at=time.now())
    return rows(shop, booking)[0]


@dataclass(frozen=True)
class Paper:
    """The invoice, where it is, and the browser of its couple."""

    shop: Business
    booking: Sold
    invoice: InvoiceRow
    client: FlaskClient
    opened: Page

    @property
    def address(self) -> str:
        return f"/manage/{self.booking.reference}/invoices/{self.invoice.invoice_number}"

    def get(self, ending: str = "", **options: Any) -> TestResponse:
        return self.client.get(self.address + ending, **options)

    def look(self, number: int) -> str:
        """The fragment that asks again."""
        return self.get(f".pdf?look={number}", headers={"HX-Request": "true"}).text


@pytest.fixture
def paper(shop: Business, booking: Sold, invoice: InvoiceRow, client: FlaskClient, opened: Page) -> Paper:
    opened()
    return Paper(shop, booking, invoice, client, opened)


def make(shop: Business, row: InvoiceRow, content: bytes = b"%PDF-1.7 made") -> None:
    """Its file, without the time that a real one takes."""
    rendering._keep(shop.id, row.id, content, time.now())


def fail(shop: Business, row: InvoiceRow, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PrintingError("out of ink")

    monkeypatch.setattr(printer.PRINTER, "make", refuse)
    with pytest.raises(PrintingError):
        rendering.render(shop.id, row.id, at=time.now())


def test_the_couples_page_lists_what_was_issued(paper: Paper) -> None:
    page = paper.opened()
    for row in rows(paper.shop, paper.booking):
        assert row.invoice_number in page
        assert f"/manage/{paper.booking.reference}/invoices/{row.invoice_number}.pdf" in page
    assert "The PDF is being made." in page
    assert "Receipt" in page
    make(paper.shop, paper.invoice)
    assert paper.opened().count("The PDF is being made.") == 1


def test_a_booking_without_documents_says_nothing_of_them(opened: Page) -> None:
    assert "nvoice" not in opened()


def test_the_page_to_print_is_the_document(paper: Paper) -> None:
    page = paper.get()
    assert page.status_code == 200
    back = f'href="/manage/{paper.booking.reference}"'
    for words in ("Invoice", "Anna Smith", "Whole day", "$2,000.00", f'href="{paper.address}.pdf"', back):
        assert words in page.text
    assert "<style" not in page.text
    assert "style=" not in page.text
    (sheet,) = re.findall(r'href="(/documents/[0-9A-Fa-f]{6}\.css)"', page.text)
    colours = paper.client.get(sheet)
    assert colours.mimetype == "text/css"
    assert "--brand-text:" in colours.text
    assert "immutable" in colours.headers["Cache-Control"]
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("colour", ["12345", "1234567", "zzzzzz", "..%2fx", "12345%0a"])
def test_what_is_no_colour_has_no_sheet(client: FlaskClient, colour: str) -> None:
    assert client.get(f"/documents/{colour}.css").status_code == 404


def test_the_pdf_is_exactly_what_was_kept(paper: Paper, press: object) -> None:
    rendering.render(paper.shop.id, paper.invoice.id, at=time.now())
    with database.reading(paper.shop.id):
        kept = queries.file(paper.shop.id, paper.invoice.id)
    answer = paper.get(".pdf")
    assert kept
    assert hashlib.sha256(answer.data).digest() == kept.sha256
    assert answer.mimetype == "application/pdf"
    name = f"{paper.invoice.invoice_number}.pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_while_the_pdf_is_made_the_page_says_so_and_looks_again(paper: Paper) -> None:
    page = paper.get(".pdf")
    assert page.status_code == 200
    assert "Your PDF is being made" in page.text
    assert f'hx-get="{paper.address}.pdf?look=1"' in page.text
    assert f'id="look-again" href="{paper.address}.pdf"' in page.text
    fragment = paper.look(1)
    assert "<html" not in fragment
    assert "look=2" in fragment
    tired = paper.look(45)
    assert "hx-get" not in tired
    assert "come back later" in tired
    make(paper.shop, paper.invoice)
    ready = paper.look(2)
    assert "Your PDF is ready" in ready
    assert f'href="{paper.address}.pdf"' in ready
    assert paper.get(".pdf").data == b"%PDF-1.7 made"


def test_a_pdf_that_fails_is_said_and_leads_to_the_page_to_print(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(paper.shop, paper.invoice, monkeypatch)
    assert "The PDF takes longer than usual." in paper.opened()
    page = paper.get(".pdf").text
    assert "we keep trying" in page
    assert f'href="{paper.address}"' in page
    assert "out of ink" not in page
    assert paper.get().status_code == 200


def test_a_number_of_nobody_of_a_rival_and_of_another_couple_look_the_same(paper: Paper, rival: Business) -> None:
    shop = paper.shop
    others, rivals = sold.sell(shop, event_on=in_half_a_year(shop, plus=9)), sold.sell(rival)
    for business, sale in ((shop, others), (rival, rivals)):
        invoices.keep_up(business.id, sale.booking_id, at=time.now())
    invented = paper.invoice.invoice_number[:-3] + "999"
    foreign = rows(shop, others)[0].invoice_number
    answers = [
        paper.client.get(f"/manage/{paper.booking.reference}/invoices/{number}{ending}")
        for number in (invented, foreign, rows(rival, rivals)[0].invoice_number, "x", "a_b")
        for ending in ("", ".pdf")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r"[0-9a-f]{8,}", "", answer.text) for answer in answers}) == 1
    assert paper.client.get(f"/manage/{others.reference}/invoices/{foreign}.pdf").status_code == 404


@pytest.mark.parametrize("action", [LinkAction.LOOK, LinkAction.PAY, LinkAction.CANCEL, LinkAction.RESCHEDULE])
@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_a_link_for_something_else_opens_no_document(
    app: Application, paper: Paper, action: LinkAction, ending: str
) -> None:
    browser = app.test_client()
    minted = tokens.mint(paper.shop.id, paper.booking.booking_id, action=action, label="x", at=time.now())
    browser.get(f"/m/{minted.raw}")
    shown = browser.get(paper.address + ending)
    assert shown.status_code == 404
    assert "$2,000.00" not in shown.text


def test_a_stranger_sees_what_it_sees_for_an_invented_reference(app: Application, paper: Paper) -> None:
    stranger, reference = app.test_client(), paper.booking.reference

    def plain(reference: str, ending: str) -> str:
        page = stranger.get(f"/manage/{reference}/invoices/{paper.invoice.invoice_number}{ending}")
        assert page.status_code == 404
        return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text).replace(reference, "")

    for ending in ("", ".pdf"):
        assert plain(reference, ending) == plain("2345-6789", ending)


def test_looking_changes_no_row(paper: Paper) -> None:
    receipt = rows(paper.shop, paper.booking)[1]
    make(paper.shop, receipt)

    def state() -> object:
        with database.reading(paper.shop.id):
            counts = "SELECT (SELECT count(*) FROM outbox) AS owed, (SELECT count(*) FROM message) AS written"
            return queries.of_booking(paper.shop.id, paper.booking.booking_id), database.row(counts)

    before = state()
    for number in (paper.invoice.invoice_number, receipt.invoice_number):
        for ending in ("", ".pdf"):
            for _ in range(25):
                address = f"/manage/{paper.booking.reference}/invoices/{number}{ending}"
                assert paper.client.get(address).status_code == paper.client.head(address).status_code == 200
    assert state() == before


def test_a_burst_of_downloads_is_turned_away_and_the_couples_page_is_not(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_DOWNLOADS", "3/minute")
    make(paper.shop, paper.invoice)
    assert [paper.get(".pdf").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert "Invoices and receipts" in paper.opened()
    assert paper.get().status_code == 200


def test_a_link_in_a_mail_leads_to_its_document_and_nowhere_else(paper: Paper) -> None:
    number, shop = paper.invoice.invoice_number, paper.shop
    link = link_to(shop, paper.booking)
    assert paper.client.get(f"{link}?pdf={number}").headers["Location"] == f"{paper.address}.pdf"
    for other in ("//evil.example", "x", "../..", ""):
        assert paper.client.get(f"{link}?pdf={other}").headers["Location"] == f"/manage/{paper.booking.reference}"
    minted = tokens.mint(shop.id, paper.booking.booking_id, action=LinkAction.LOOK, label="x", at=time.now())
    looking = paper.client.get(f"/m/{minted.raw}?pdf={number}")
    assert looking.headers["Location"] == f"/manage/{paper.booking.reference}/look"


@pytest.fixture
def switched_off(connected: Settings) -> Iterator[Callable[[], None]]:
    """Switches invoices off until the test has ended."""
    off = replace(connected, features=Features(invoices=False))
    yield lambda: settings.install(off)
    settings.install(connected)


def test_without_the_feature_nothing_is_issued_or_said(
    shop: Business, booking: Sold, opened: Page, switched_off: Callable[[], None]
) -> None:
    switched_off()
    assert invoices.keep_up(shop.id, booking.booking_id, at=time.now()) == []
    assert "nvoice" not in opened()


def test_without_the_feature_what_exists_stays_readable(paper: Paper, switched_off: Callable[[], None]) -> None:
    make(paper.shop, paper.invoice)
    switched_off()
    assert paper.address in paper.opened()
    assert paper.get().status_code == 200
    assert paper.get(".pdf").mimetype == "application/pdf"
