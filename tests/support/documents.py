"""Documents for tests: bookings that need one, what was issued, and documents out of nothing for pages and PDFs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unittest import mock
from uuid import UUID

import pytest

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database, outbox
from portal.invoices import amounts, exports, printer, queries, service
from portal.invoices.document import Customer, Document, Due, Line, Look, Payment, Seller, Service
from portal.invoices.listing import Filters
from portal.invoices.printer import Printer
from portal.invoices.states import DocumentKind, Reason
from portal.kernel import time
from portal.kernel.ids import uuid7
from portal.kernel.tax import TaxMode, apply_tax
from portal.tenants.invoicing import Paper
from tests.support.days import bare_booking
from tests.support.world import Business

DAY = date(2027, 6, 12)


def bare_confirmed(shop: Business, *, cents: int = 120_00) -> UUID:
    """A confirmed booking of one line and no money, as bare rows."""
    booking_id = bare_booking(shop)
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET status = 'confirmed', confirmed_at = created_at, net_cents = %s, total_cents = %s"
            " WHERE id = %s",
            cents,
            cents,
            booking_id,
        )
        database.execute(
            "INSERT INTO booking_line (id, tenant_id, booking_id, position, description, quantity, unit_cents,"
            " net_cents, tax_rate_bp, tax_cents, gross_cents) VALUES (%s, %s, %s, 0, 'Whole day', 1, %s, %s, 0, 0, %s)",
            uuid7(),
            shop.id,
            booking_id,
            cents,
            cents,
            cents,
        )
    return booking_id


def issued(shop: Business, booking_id: UUID) -> list[Document]:
    """Every document of a booking, in order."""
    with database.reading(shop.id):
        return [queries.document(shop.id, row.id) for row in queries.of_booking(shop.id, booking_id)]


def invoiced(shop: Business, booking_id: UUID) -> str:
    """The number of a booking's invoice, which is issued if it was not yet."""
    service.keep_up(shop.id, booking_id, at=time.now())
    with database.reading(shop.id):
        return next(row.invoice_number for row in queries.of_booking(shop.id, booking_id))


@dataclass(frozen=True)
class Unprinted:
    """An invoice without a PDF, and the raw token of its couple's link."""

    invoice_id: UUID
    number: str
    reference: str
    token: str

    @property
    def address(self) -> str:
        return f"/manage/{self.reference}/invoices/{self.number}"


def unprinted(shop: Business) -> Unprinted:
    """An invoice whose PDF no worker is told to make."""
    booking_id = bare_confirmed(shop)
    with mock.patch.object(outbox, "owe"):
        number = invoiced(shop, booking_id)
    with database.reading(shop.id):
        row = queries.by_number(shop.id, number)
        reference = database.value("SELECT reference FROM booking WHERE id = %s", booking_id)
    minted = tokens.mint(shop.id, booking_id, action=LinkAction.BROWSER, at=time.now())
    return Unprinted(row.id, number, reference, minted.raw)


def fail_to_print(shop: Business, invoice_id: UUID) -> None:
    """As if making its PDF had failed."""
    with database.writing(shop.id):
        database.execute(
            "UPDATE invoice SET render_attempts = 3, render_failure = 'out of ink', render_failed_at = now()"
            " WHERE id = %s",
            invoice_id,
        )


def exported(shop: Business) -> UUID:
    """A file of a business's documents that was made."""
    export_id, content = exports.ask(shop.id, Filters(), at=time.now()), b"PK"
    with database.writing(shop.id):
        database.execute(
            "INSERT INTO invoice_export_part (id, tenant_id, export_id, position, content) VALUES (%s, %s, %s, 0, %s)",
            uuid7(),
            shop.id,
            export_id,
            content,
        )
        database.execute(
            "UPDATE invoice_export SET status = 'ready', byte_count = %s, ended_at = created_at WHERE id = %s",
            len(content),
            export_id,
        )
    return export_id


def printed(shop: Business, booking_id: UUID) -> None:
    """Bytes for each document of a booking, and a logo beside them."""
    content = f"%PDF {shop.slug}".encode()
    with database.writing(shop.id):
        database.execute(
            "INSERT INTO invoice_file (id, tenant_id, invoice_id, format, content, sha256, created_at)"
            " SELECT gen_random_uuid(), tenant_id, id, 'pdf', %s, sha256(%s), now() FROM invoice WHERE booking_id = %s",
            content,
            content,
            booking_id,
        )
        database.execute(
            "INSERT INTO invoice_logo (id, tenant_id, content, sha256, width, height, created_at)"
            " VALUES (%s, %s, %s, sha256(%s), 1, 1, now())",
            uuid7(),
            shop.id,
            content,
            content,
        )


def told(documents: Sequence[Document]) -> list[tuple[str, int]]:
    """Kinds and totals, a credit note's and a refund's below zero."""
    return [(each.kind.value, -each.total_cents if _is_back(each) else each.total_cents) for each in documents]


def _is_back(document: Document) -> bool:
    return document.kind is DocumentKind.CREDIT_NOTE or (
        document.kind is DocumentKind.RECEIPT and document.paid_cents < 0
    )


def line(description: str, quantity: int, unit_cents: int, rate_bp: str, mode: TaxMode) -> Line:
    """A line as a booking is priced."""
    net, tax, gross = apply_tax(quantity * unit_cents, Decimal(rate_bp), mode)
    return Line(description, quantity, unit_cents, 0, net, Decimal(rate_bp), tax, gross)


def over(document: Document, *lines: Line) -> Document:
    """The same document over other lines."""
    sums = amounts.sums(lines)
    return replace(
        document,
        lines=lines,
        taxes=amounts.tax_rows(lines),
        net_cents=sums.net_cents,
        tax_cents=sums.tax_cents,
        total_cents=sums.total_cents,
        dues=(Due(date(2027, 5, 13), sums.total_cents - document.paid_cents),),
    )


def brooklyn(**changes: Any) -> Document:
    """Dollars, Letter, sales tax on top of some lines."""
    mode = TaxMode.EXCLUSIVE
    plain = Document(
        schema=1,
        kind=DocumentKind.INVOICE,
        number="BELLA-WEDDINGS_2026_001",
        issued_on=date(2026, 11, 20),
        booking_reference="K7QM-2R9D",
        look=Look("en_US", "America/New_York", Paper.LETTER, "#8C5A5F", None),
        seller=Seller(
            "Bella Weddings LLC", "88 Bergen Street\nBrooklyn, NY 11201", "US", "hello@bella.example",
            "+1 718 555 0142", "12-3456789", "",
        ),
        customer=Customer("Anna Smith & Ben Jones", "anna@couple.example", "", "US"),
        service=Service("The Rooftop Elopement", DAY, DAY, "The Old Mill"),
        currency="USD",
        tax_mode=mode,
        tax_label="sales tax",
        exemption="",
        lines=(),
        taxes=(),
        net_cents=0,
        tax_cents=0,
        total_cents=0,
        payments=(Payment(date(2026, 11, 20), 100_000, "visa", "4242", "pi_3QabcDEF0123456789"),),
        dues=(),
        reason=Reason.NONE,
        refers_to=None,
        terms="The second half is due 30 days before the wedding.",
        notes="Thank you!\nWe look forward to your day.",
    )  # fmt: skip
    lines = (
        line("The Rooftop Elopement", 1, 185_000, "887.5", mode),
        line("Second photographer", 2, 30_000, "887.5", mode),
        line("Printed album", 1, 45_000, "0", mode),
    )
    return replace(over(plain, *lines), **changes)


def paris(**changes: Any) -> Document:
    """Euros, A4, tax inside, in French."""
    mode = TaxMode.INCLUSIVE
    plain = replace(
        brooklyn(),
        number="ATELIER-LUMIERE_2026_017",
        look=Look("fr_FR", "Europe/Paris", Paper.A4, "#5A7C65", None),
        seller=Seller(
            "Atelier Lumière SARL", "12 rue des Lilas\n75020 Paris", "FR", "bonjour@lumiere.example",
            "+33 1 23 45 67 89", "FR 40 303265045", "RCS Paris 303 265 045",
        ),
        customer=Customer("Chloé Lefèvre & Łukasz Żółć", "chloe@couple.example", "", "FR"),
        service=Service("Reportage lumière", DAY, DAY, "Château de l’Île"),
        currency="EUR",
        tax_mode=mode,
        tax_label="TVA",
    )  # fmt: skip
    lines = (
        line("Reportage lumière", 1, 240_000, "2000", mode),
        line("Album cousu main", 2, 19_900, "550", mode),
    )
    return replace(over(plain, *lines), **changes)


@pytest.fixture(scope="session")
def press() -> Iterator[Printer]:
    """The printing process of this run."""
    yield printer.PRINTER
    printer.PRINTER.close()


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text)
