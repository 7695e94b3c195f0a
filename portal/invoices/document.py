"""A document as it is printed, and nothing else: whoever has it needs no row of any table to print it again.

Frozen values, kept as JSON. Every amount is in minor units of ``currency`` and positive; that a credit note gives and
an invoice asks is what its kind says. A payment that went back has a negative amount.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.invoices import codec
from portal.invoices.states import Called, DocumentKind, Reason
from portal.kernel.tax import TaxMode
from portal.tenants.invoicing import Paper


@dataclass(frozen=True, slots=True)
class Seller:
    """The business as it was when it issued."""

    name: str
    address: str
    country: str
    email: str
    phone: str
    tax_number: str
    registration: str


@dataclass(frozen=True, slots=True)
class Customer:
    """The couple."""

    name: str
    email: str
    address: str
    country: str


@dataclass(frozen=True, slots=True)
class Service:
    """What is done, and on which days."""

    name: str
    first_on: date
    last_on: date
    venue: str


@dataclass(frozen=True, slots=True)
class Line:
    """Quantity times unit price, less a discount, is net (tax on top or none) or gross (tax inside)."""

    description: str
    quantity: int
    unit_cents: int
    discount_cents: int
    net_cents: int
    tax_rate_bp: Decimal
    tax_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class TaxRow:
    """What the lines of one rate come to."""

    tax_rate_bp: Decimal
    net_cents: int
    tax_cents: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came, or went back."""

    paid_on: date
    amount_cents: int
    card_brand: str
    card_last4: str
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """What is still to be paid, and when."""

    due_on: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The document that this one is about."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Look:
    """How it is printed."""

    locale: str
    timezone: str
    paper: Paper
    brand_color: str
    logo_sha256: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """All of it. ``schema`` tells a reader of later years which shape this is."""

    schema: int
    kind: DocumentKind
    number: str
    issued_on: date
    booking_reference: str
    look: Look
    seller: Seller
    customer: Customer
    service: Service
    currency: str
    tax_mode: TaxMode
    tax_label: str
    exemption: str
    lines: tuple[Line, ...]
    taxes: tuple[TaxRow, ...]
    net_cents: int
    tax_cents: int
    total_cents: int
    payments: tuple[Payment, ...]
    dues: tuple[Due, ...]
    reason: Reason
    refers_to: Reference | None
    terms: str
    notes: str

    @property
    def called(self) -> Called:
        """What it is called."""
        if self.reason is Reason.RETURNED:
            return Called.RETURNED_REFUND
        if self.kind is DocumentKind.RECEIPT and self.paid_cents < 0:
            return Called.REFUND
        return Called(self.kind)

    @property
    def paid_cents(self) -> int:
        """What came and stayed."""
        return sum(payment.amount_cents for payment in self.payments)

    @property
    def balance_cents(self) -> int:
        """What is still to be paid; negative when something goes back."""
        return self.total_cents - self.paid_cents

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        stored: dict[str, Any] = codec.encode(self)
        return stored


SCHEMA = 1


def from_json(stored: dict[str, Any]) -> Document:
    """As it was stored."""
    return codec.decode(Document, stored)
