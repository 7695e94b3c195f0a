"""What documents of a booking are made from, read once: the booking, its price, its money, what was issued, the seller.

Reads only. ``Facts`` also says what should stand now, from which ``wanted`` finds the steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.bookings import queries as bookings
from portal.bookings.queries import BookingView, LineView
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.invoices.document import Document, Due, Line, Payment, from_json
from portal.invoices.states import DocumentKind
from portal.invoices.wanted import Content, Standing, Wanted
from portal.kernel.tax import TaxMode
from portal.tenants import invoicing
from portal.tenants import queries as tenants
from portal.tenants.invoicing import Invoicing
from portal.tenants.language import Language, language
from portal.tenants.queries import TenantView

_STANDS = {BookingStatus.CONFIRMED, BookingStatus.CANCELLING, BookingStatus.COMPLETED}


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that was issued."""

    id: UUID
    document: Document
    refers_to_id: UUID | None
    payment_id: UUID | None
    refund_request_id: UUID | None


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came (a payment), went back (a refund request, amount negative), or came back to us from a bank."""

    payment_id: UUID | None
    refund_request_id: UUID | None
    amount_cents: int
    at: datetime
    card_brand: str
    card_last4: str
    transaction_id: str
    is_done: bool
    pays: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, as it is at one instant."""

    tenant: TenantView
    settings: Invoicing
    booking: BookingView
    lines: tuple[Line, ...]
    movements: tuple[Movement, ...]
    returned: tuple[Movement, ...]
    withdrawn_cents: int
    dues: tuple[Due, ...]
    issued: tuple[Issued, ...]

    @property
    def language(self) -> Language:
        """What the business speaks."""
        return language(self.tenant.locale, self.tenant.timezone)

    @property
    def standing(self) -> tuple[UUID, Standing] | None:
        """The latest invoice with its credit notes, and its id."""
        invoices = [each for each in self.issued if each.document.kind is DocumentKind.INVOICE]
        if not invoices:
            return None
        latest = invoices[-1]
        credits_ = tuple(
            each.document
            for each in self.issued
            if each.document.kind is DocumentKind.CREDIT_NOTE and each.refers_to_id == latest.id
        )
        return latest.id, Standing(latest.document, credits_)

    @property
    def wanted(self) -> Wanted | None:
        """What should stand now; nothing for a booking that was never confirmed."""
        if self.booking.status in _STANDS:
            return Wanted(self._content)
        if self.booking.status is BookingStatus.CANCELLED and self.booking.confirmed_at is not None:
            return Wanted(self._content, kept_cents=self._kept_cents)
        return None

    @property
    def payments(self) -> tuple[Payment, ...]:
        """What a document says was received and given back."""
        return tuple(self.payment(each) for each in self.movements if each.pays)

    def payment(self, movement: Movement) -> Payment:
        """A movement on the tenant's calendar."""
        return Payment(
            paid_on=movement.at.astimezone(self.language.zone).date(),
            amount_cents=movement.amount_cents,
            card_brand=movement.card_brand,
            card_last4=movement.card_last4,
            transaction_id=movement.transaction_id,
        )

    @property
    def last_on(self) -> date:
        """The last day of the event."""
        return self.booking.event_on + timedelta(days=self.booking.days - 1)

    @property
    def _kept_cents(self) -> int:
        stayed = sum(each.amount_cents for each in self.movements if each.pays) - self.withdrawn_cents
        return min(max(stayed, 0), self.booking.total_cents)

    @property
    def _content(self) -> Content:
        booking = self.booking
        return Content(
            customer_name=booking.couple,
            first_on=booking.event_on,
            last_on=self.last_on,
            currency=booking.currency,
            tax_mode=booking.tax_mode,
            lines=self.lines,
        )


def load(tenant_id: UUID, booking_id: UUID) -> Facts:
    """The facts of a booking, within the open transaction. Raises NotFound."""
    booking = bookings.by_id(tenant_id, booking_id)
    return Facts(
        tenant=tenants.get(tenant_id),
        settings=invoicing.get(tenant_id),
        booking=booking,
        lines=tuple(_line(line, booking.tax_mode) for line in bookings.lines(tenant_id, booking_id)),
        movements=tuple(Movement(*row) for row in database.rows(_MOVEMENTS, *[tenant_id, booking_id] * 3)),
        returned=tuple(Movement(*row) for row in database.rows(_RETURNED, tenant_id, booking_id)),
        withdrawn_cents=-database.value(_WITHDRAWN, tenant_id, booking_id),
        dues=tuple(Due(*row) for row in database.rows(_DUES, tenant_id, booking_id)),
        issued=_issued(tenant_id, booking_id),
    )


def _issued(tenant_id: UUID, booking_id: UUID) -> tuple[Issued, ...]:
    found: Sequence[database.Row] = database.rows(
        "SELECT id, document, refers_to_id, payment_id, refund_request_id FROM invoice"
        " WHERE tenant_id = %s AND booking_id = %s ORDER BY id",
        tenant_id,
        booking_id,
    )
    return tuple(Issued(row.id, from_json(row.document), *row[2:]) for row in found)


def _line(line: LineView, tax_mode: TaxMode) -> Line:
    """A line of the price; what quantity times unit price exceeds the charged price by is a discount."""
    charged = line.net_cents if tax_mode is TaxMode.EXCLUSIVE else line.gross_cents
    return Line(
        description=line.description,
        quantity=line.quantity,
        unit_cents=line.unit_cents,
        discount_cents=line.quantity * line.unit_cents - charged,
        net_cents=line.net_cents,
        tax_rate_bp=line.tax_rate_bp,
        tax_cents=line.tax_cents,
        gross_cents=line.gross_cents,
    )


# A refund counts from the moment it was asked for; one that failed is owed again, and a retry takes its place. Money
# that never paid a stage (a second payment, say) and its way back stand on receipts alone.
_PAYS = "EXISTS (SELECT 1 FROM payment_allocation a WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id)"
_PURPOSE = (
    "coalesce((SELECT min(s.type) FROM payment_allocation a JOIN booking_payment_stage s"
    " ON s.tenant_id = a.tenant_id AND s.id = a.stage_id WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id), '')"
)
_MOVEMENTS = (
    "SELECT p.id AS payment_id, NULL::uuid AS refund_request_id, p.amount_cents, p.captured_at AS at, p.card_brand,"
    f" p.card_last4, p.stripe_payment_intent_id AS transaction_id, true AS is_done, {_PAYS} AS pays,"
    f" {_PURPOSE} AS purpose"
    " FROM payment p WHERE p.tenant_id = %s AND p.booking_id = %s"
    " UNION ALL SELECT p.id, r.id, -r.amount_cents, r.changed_at, p.card_brand, p.card_last4,"
    f" coalesce(r.stripe_refund_id, ''), r.status = 'COMPLETED', {_PAYS}, ''"
    " FROM refund_request r JOIN payment p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id"
    " WHERE r.tenant_id = %s AND r.booking_id = %s AND NOT EXISTS (SELECT 1 FROM refund_request n"
    "  WHERE n.tenant_id = r.tenant_id AND n.retry_of_id = r.id)"
    " UNION ALL SELECT NULL, NULL, l.amount_cents, l.occurred_at, '', '', l.provider_id, true, true, ''"
    " FROM ledger_entry l WHERE l.tenant_id = %s AND l.booking_id = %s AND l.kind = 'manual'"
    " ORDER BY at, payment_id, refund_request_id NULLS FIRST"
)
# Refunds that a bank sent back. They are on receipts alone: what is owed again has not changed what is kept.
_RETURNED = (
    "SELECT p.id, l.refund_request_id, l.amount_cents, l.occurred_at, p.card_brand, p.card_last4, l.provider_id,"
    " true AS is_done, false AS pays, '' AS purpose"
    " FROM ledger_entry l JOIN payment p ON p.tenant_id = l.tenant_id AND p.id = l.payment_id"
    " WHERE l.tenant_id = %s AND l.booking_id = %s AND l.kind = 'refund_failed' ORDER BY l.occurred_at, l.id"
)
_WITHDRAWN = (
    "SELECT coalesce(sum(l.amount_cents), 0)::bigint FROM ledger_entry l JOIN payment p"
    f" ON p.tenant_id = l.tenant_id AND p.id = l.payment_id AND {_PAYS}"
    " WHERE l.tenant_id = %s AND l.booking_id = %s AND l.kind IN ('dispute', 'dispute_won')"
)
_DUES = (
    "SELECT due_on, amount_cents FROM booking_payment_stage WHERE tenant_id = %s AND booking_id = %s"
    " AND status IN ('PENDING', 'FAILED') AND quote_id IS NULL ORDER BY due_on, stage_number"
)
