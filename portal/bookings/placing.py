"""Writing what a couple asked for: customer, booking and lines, with copies of everything that was agreed.

Runs inside ``lifecycle.hold``'s transaction. Claims, stages and checkout are written by their own slices there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.bookings.models import Booking, BookingLine, Customer
from portal.bookings.policy.snapshot import Snapshot
from portal.bookings.pricing import Commission, Price
from portal.bookings.states import BookingStatus
from portal.catalog.queries import PackageDetail
from portal.db import database
from portal.db.insert import insert
from portal.kernel.ids import new_reference, uuid7
from portal.tenants.queries import TenantView


@dataclass(frozen=True, slots=True)
class Wish:
    """What the couple typed and chose, cleaned; equal wishes are the same form sent twice.

    ``is_courtesy``: the date is to be kept for some days, and paid later or not at all.
    """

    package_slug: str
    event_on: date
    first_partner: str
    second_partner: str
    email: str
    second_email: str | None
    phone: str
    venue: str
    guest_count: int | None
    notes: str
    quantities: Mapping[UUID, int]
    pays_in_full: bool
    is_courtesy: bool = False

    @property
    def couple(self) -> str:
        """Both partners' names as one line."""
        return f"{self.first_partner} & {self.second_partner}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The terms under which a wish is sold today; copied into the booking."""

    tenant: TenantView
    package: PackageDetail
    price: Price
    commission: Commission
    deposit_percent: int | None
    policy: Snapshot


@dataclass(frozen=True, slots=True)
class Placed:
    """A booking that a form has made already, kept from other writers until the transaction ends."""

    id: UUID
    reference: str
    status: BookingStatus
    hold_expires_at: datetime
    created_at: datetime
    customer_id: UUID
    total_cents: int
    wish: Wish
    courtesy_until: datetime | None = None


def placed(tenant_id: UUID, nonce: UUID) -> Placed | None:
    """The booking that a form has made, locked."""
    # Locked first and read second: a statement that waits for a lock afterwards sees the locked row as it is now, but
    # what it joins as it was before, and a change that was just committed would be half known.
    if not database.value(
        "SELECT 1 FROM booking WHERE tenant_id = %s AND request_nonce = %s FOR UPDATE", tenant_id, nonce
    ):
        return None
    row = database.row(
        "SELECT b.id, b.reference, b.status, b.hold_expires_at, b.created_at, b.customer_id, b.total_cents,"
        " p.slug AS package_slug, b.event_on, c.first_partner, c.second_partner, c.email, c.second_email,"
        " c.phone, b.venue, b.guest_count,"
        " b.notes, b.pays_in_full, b.is_courtesy, b.courtesy_until,"
        " (SELECT array_agg((l.add_on_id, l.quantity)::text) FROM booking_line l"
        "   WHERE l.tenant_id = b.tenant_id AND l.booking_id = b.id AND l.add_on_id IS NOT NULL) AS chosen"
        " FROM booking b JOIN customer c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id"
        " JOIN package p ON p.tenant_id = b.tenant_id AND p.id = b.package_id"
        " WHERE b.tenant_id = %s AND b.request_nonce = %s",
        tenant_id,
        nonce,
    )
    assert row is not None  # noqa: S101  bookings are never deleted
    values = row._asdict()
    pairs = [pair.strip("()").split(",") for pair in values.pop("chosen") or ()]
    quantities = {UUID(key): int(quantity) for key, quantity in pairs}
    wish = Wish(quantities=quantities, **{name: values[name] for name in Wish.__slots__ if name != "quantities"})
    return Placed(
        id=row.id,
        reference=row.reference,
        status=BookingStatus(row.status),
        hold_expires_at=row.hold_expires_at,
        created_at=row.created_at,
        customer_id=row.customer_id,
        total_cents=row.total_cents,
        wish=wish,
        courtesy_until=row.courtesy_until,
    )


def place(wish: Wish, agreement: Agreement, *, nonce: UUID, hold_expires_at: datetime, at: datetime) -> Placed:
    """Write customer, booking and lines. A booking with this nonce that is being written meanwhile is waited for,
    and the unique constraint ``booking_nonce_once`` then raises. A courtesy is promised for as long as it is held.
    """
    tenant_id = agreement.tenant.id
    customer_id, booking_id, reference = uuid7(), uuid7(), new_reference()
    insert(Customer, {"id": customer_id, "tenant_id": tenant_id, "created_at": at, **_customer(wish)})
    own = {
        "id": booking_id,
        "tenant_id": tenant_id,
        "reference": reference,
        "customer_id": customer_id,
        "status": BookingStatus.HELD,
        "request_nonce": nonce,
        "hold_expires_at": hold_expires_at,
        "created_at": at,
        "is_courtesy": wish.is_courtesy,
        "courtesy_until": hold_expires_at if wish.is_courtesy else None,
    }
    insert(Booking, {**own, **_agreed(wish, agreement, at)})
    return Placed(
        id=booking_id,
        reference=reference,
        status=BookingStatus.HELD,
        created_at=at,
        hold_expires_at=hold_expires_at,
        customer_id=customer_id,
        total_cents=agreement.price.total_cents,
        wish=wish,
    )


def replace(
    before: Placed, wish: Wish, agreement: Agreement, *, courtesy_until: datetime | None = None, at: datetime
) -> None:
    """Put another wish in the place of a held one; its lines are replaced by ``write_lines``.

    Another day is not the one that somebody asked for, so that a challenge of the old one is over.
    """
    tenant_id = agreement.tenant.id
    kept: dict[str, Any] = {"is_courtesy": courtesy_until is not None, "courtesy_until": courtesy_until}
    if courtesy_until is not None:
        kept["hold_expires_at"] = courtesy_until
    if courtesy_until is None or wish.event_on != before.wish.event_on:
        kept["challenged_at"] = None
    Customer.update(**_customer(wish)).where(
        (Customer.tenant_id == tenant_id) & (Customer.id == before.customer_id)
    ).execute()
    Booking.update(version=Booking.version + 1, **kept, **_agreed(wish, agreement, at)).where(
        (Booking.tenant_id == tenant_id) & (Booking.id == before.id)
    ).execute()
    BookingLine.delete().where((BookingLine.tenant_id == tenant_id) & (BookingLine.booking_id == before.id)).execute()


def write_lines(tenant_id: UUID, booking_id: UUID, price: Price) -> None:
    """The lines of a booking's price, the package first."""
    insert(
        BookingLine,
        *(
            {"tenant_id": tenant_id, "booking_id": booking_id, "position": position, **asdict(line)}
            for position, line in enumerate(price.lines)
        ),
    )


def _customer(wish: Wish) -> dict[str, Any]:
    return {
        "first_partner": wish.first_partner,
        "second_partner": wish.second_partner,
        "email": wish.email,
        "second_email": wish.second_email,
        "phone": wish.phone,
    }


def _agreed(wish: Wish, agreement: Agreement, at: datetime) -> dict[str, Any]:
    tenant, package, price = agreement.tenant, agreement.package, agreement.price
    return {
        "package_id": package.id,
        "package_name": package.name,
        "resource_id": package.resource_id,
        "event_on": wish.event_on,
        "days": package.days,
        "buffer_days": package.buffer_days,
        "couple": wish.couple,
        "venue": wish.venue,
        "guest_count": wish.guest_count,
        "notes": wish.notes,
        "currency": tenant.currency,
        "tax_mode": tenant.tax_mode,
        "net_cents": price.net_cents,
        "tax_cents": price.tax_cents,
        "total_cents": price.total_cents,
        "commission_bp": agreement.commission.rate_bp,
        "commission_cents": agreement.commission.cents,
        "deposit_percent": agreement.deposit_percent,
        "balance_due_days": tenant.balance_due_days,
        "pays_in_full": wish.pays_in_full,
        "terms": tenant.terms,
        "terms_accepted_at": at,
        "policy": agreement.policy.document(),
    }
