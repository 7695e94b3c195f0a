"""Making one document and writing it down with its number. Within the transaction of ``service``'s verbs only.

The number comes last: everything that can fail has been read and computed before the series is locked.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.db import outbox
from portal.db.insert import insert
from portal.invoices import amounts, codec, series
from portal.invoices.document import SCHEMA, Customer, Document, Line, Look, Payment, Reference, Seller, Service
from portal.invoices.facts import Facts, Movement
from portal.invoices.models import Invoice
from portal.invoices.states import DocumentKind, Reason
from portal.kernel.ids import uuid7
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_
from portal.tenants.invoicing import Invoicing
from portal.tenants.queries import TenantView

_PURPOSES = {
    "DEPOSIT": N_("Deposit for %(name)s"),
    "REMAINDER": N_("Balance for %(name)s"),
    "INSTALLMENT": N_("Instalment for %(name)s"),
    "FEE": N_("Fee for %(name)s"),
}
_PAYMENT = N_("Payment for %(name)s")


def invoice(facts: Facts, lines: tuple[Line, ...], *, at: datetime) -> Document:
    """An invoice over these lines, without its number yet."""
    return replace(_about(facts, DocumentKind.INVOICE, lines, at), payments=facts.payments, dues=facts.dues)


def credit_note(facts: Facts, original: Document, lines: tuple[Line, ...], reason: Reason, *, at: datetime) -> Document:
    """A credit note over these lines of an invoice. It speaks of the customer and days that the invoice spoke of."""
    return replace(
        _about(facts, DocumentKind.CREDIT_NOTE, lines, at),
        customer=original.customer,
        service=original.service,
        tax_mode=original.tax_mode,
        tax_label=original.tax_label,
        exemption=original.exemption,
        reason=reason,
        refers_to=Reference(original.number, original.issued_on),
        terms="",
    )


def receipt(facts: Facts, movement: Movement, refers_to: Reference | None, *, at: datetime) -> Document:
    """A receipt for money that came or went back. It is about the money alone: tax stands on the invoice."""
    payment: Payment = facts.payment(movement)
    cents = abs(movement.amount_cents)
    words = _PURPOSES.get(movement.purpose, _PAYMENT)
    return replace(
        _about(facts, DocumentKind.RECEIPT, (), at),
        service=replace(_service(facts), name=facts.language.gettext(words, name=facts.booking.package_name)),
        tax_mode=TaxMode.NONE,
        exemption="",
        net_cents=cents,
        total_cents=cents,
        payments=(payment,),
        refers_to=refers_to,
        terms="",
    )


def write(
    facts: Facts,
    document: Document,
    *,
    at: datetime,
    refers_to_id: UUID | None = None,
    payment_id: UUID | None = None,
    refund_request_id: UUID | None = None,
) -> tuple[UUID, Document]:
    """Give a document its number and store it; a worker makes its PDF."""
    tenant = facts.tenant
    number = series.take(tenant.id, document.kind, prefix=facts.settings.prefix_of(tenant), today=tenant.today(at))
    numbered = replace(document, number=number.text, issued_on=number.issued_on)
    stored = numbered.to_json()
    invoice_id = uuid7()
    row = {
        "id": invoice_id,
        "tenant_id": tenant.id,
        "booking_id": facts.booking.id,
        "kind": numbered.kind,
        "year": number.parts.year,
        "sequence": number.parts.sequence,
        "invoice_number": numbered.number,
        "issued_on": numbered.issued_on,
        "issued_at": at,
        "customer_name": numbered.customer.name,
        "currency": numbered.currency,
        "net_cents": numbered.net_cents,
        "tax_cents": numbered.tax_cents,
        "total_cents": numbered.total_cents,
        "document": stored,
        "document_sha256": codec.sha256(stored),
        "refers_to_id": refers_to_id,
        "payment_id": payment_id,
        "refund_request_id": refund_request_id,
    }
    insert(Invoice, row)
    outbox.owe("invoice.render", invoice_id, dedupe_key=f"invoice.render:{invoice_id}")
    return invoice_id, numbered


def _about(facts: Facts, kind: DocumentKind, lines: tuple[Line, ...], at: datetime) -> Document:
    tenant, settings, booking = facts.tenant, facts.settings, facts.booking
    totals = amounts.sums(lines)
    return Document(
        schema=SCHEMA,
        kind=kind,
        number="",
        issued_on=tenant.today(at),
        booking_reference=booking.reference,
        look=look(facts.tenant, facts.settings),
        seller=seller(facts.tenant, facts.settings),
        customer=Customer(booking.couple, booking.email, "", settings.country_of(tenant)),
        service=_service(facts),
        currency=booking.currency,
        tax_mode=booking.tax_mode,
        tax_label=tenant.tax_label,
        exemption=settings.exemption if not totals.tax_cents else "",
        lines=lines,
        taxes=amounts.tax_rows(lines),
        net_cents=totals.net_cents,
        tax_cents=totals.tax_cents,
        total_cents=totals.total_cents,
        payments=(),
        dues=(),
        reason=Reason.NONE,
        refers_to=None,
        terms=settings.terms,
        notes=settings.notes,
    )


def look(tenant: TenantView, settings: Invoicing) -> Look:
    """How a business's documents are printed."""
    logo, paper = settings.logo_sha256, settings.paper_of(tenant)
    return Look(tenant.locale, tenant.timezone, paper, tenant.brand_color, logo.hex() if logo else None)


def seller(tenant: TenantView, settings: Invoicing) -> Seller:
    """Who a business is on its documents."""
    return Seller(
        name=settings.name_of(tenant),
        address=settings.address_of(tenant),
        country=settings.country_of(tenant),
        email=tenant.contact_email,
        phone=tenant.contact_phone,
        tax_number=settings.tax_number,
        registration=settings.registration,
    )


def _service(facts: Facts) -> Service:
    booking = facts.booking
    return Service(booking.package_name, booking.event_on, facts.last_on, booking.venue)
