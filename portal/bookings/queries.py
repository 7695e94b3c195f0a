"""What pages read of one booking. Plain statements into frozen values; nothing here writes.

The list of bookings lives in ``listing``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from portal.bookings.listing import Cursor, ListedBooking, Order, Page, When, listing
from portal.bookings.policy.snapshot import Snapshot, snapshot
from portal.bookings.states import EVEN_USED, OPENED_BY, WHOLE, Actor, BookingStatus, LinkAction, Purpose
from portal.db import database
from portal.db.prepared import Prepared
from portal.kernel.errors import NotFound
from portal.kernel.ids import is_reference
from portal.kernel.tax import TaxMode
from portal.kernel.text import N_

__all__ = [
    "BookingView", "Cursor", "LineView", "ListedBooking", "Opened", "Order", "Page", "TimelineEntry", "When",
    "by_id", "by_link", "by_nonce", "by_reference", "lines", "listing", "tenant_of", "timeline",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking with its couple and the slug of its package. ``original_on`` is the date it was first made for."""

    id: UUID
    tenant_id: UUID
    reference: str
    customer_id: UUID
    package_id: UUID
    package_name: str
    resource_id: UUID
    status: BookingStatus
    event_on: date
    original_on: date
    moves_done: int
    days: int
    buffer_days: int
    couple: str
    venue: str
    guest_count: int | None
    notes: str
    currency: str
    tax_mode: TaxMode
    net_cents: int
    tax_cents: int
    total_cents: int
    commission_bp: int
    commission_cents: int
    credited_cents: int
    deposit_percent: int | None
    balance_due_days: int
    pays_in_full: bool
    terms: str
    terms_accepted_at: datetime
    policy: Snapshot
    request_nonce: UUID
    hold_expires_at: datetime | None
    needs_review: bool
    review_reason: str
    version: int
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    cancel_requested_at: datetime | None
    cancel_undo_until: datetime | None
    cancel_actor: Actor | None
    cancel_reason: str
    cancel_refund_cents: int | None
    is_courtesy: bool
    courtesy_until: datetime | None
    challenged_at: datetime | None
    rebooked_at: datetime | None
    rebooked_cents: int | None
    messages_paused: bool
    first_partner: str
    second_partner: str
    email: str
    second_email: str | None
    phone: str
    package_slug: str

    @property
    def kept_until(self) -> datetime | None:
        """Until when a date is kept without paying."""
        return self.hold_expires_at if self.is_courtesy and self.status is BookingStatus.HELD else None


@dataclass(frozen=True, slots=True)
class Opened:
    """A booking, and which of a browser's links has opened it: the one that opens most."""

    booking: BookingView
    link_id: UUID
    action: LinkAction
    label: str

    @property
    def is_whole(self) -> bool:
        """Whether this browser may see and do everything."""
        return self.action in WHOLE


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a booking's price."""

    add_on_id: UUID | None
    description: str
    quantity: int
    unit_cents: int
    net_cents: int
    tax_rate_bp: Decimal
    tax_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What happened, when and by whom."""

    occurred_at: datetime
    kind: str
    actor: Actor
    actor_user_id: UUID | None
    from_status: BookingStatus | None
    to_status: BookingStatus | None
    details: dict[str, object]


_OWN = [name for name in BookingView.__slots__ if name not in {
    "first_partner", "second_partner", "email", "second_email", "phone", "package_slug"}]  # fmt: skip
_COLUMNS = (
    ", ".join(f"b.{name}" for name in _OWN) + ","
    " c.first_partner, c.second_partner, c.email, c.second_email, c.phone, p.slug AS package_slug"
)
_FROM = (
    " FROM booking b JOIN customer c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id"
    " JOIN package p ON p.tenant_id = b.tenant_id AND p.id = b.package_id"
)
_BOOKING = f"SELECT {_COLUMNS}{_FROM}"
_BY_LINK = Prepared(
    f"SELECT {_COLUMNS}, link.id AS link_id, link.action AS link_action, link.label AS link_label{_FROM}"
    " CROSS JOIN LATERAL (SELECT k.id, k.action, k.label FROM booking_action_token k"
    "   WHERE k.tenant_id = b.tenant_id AND k.booking_id = b.id AND k.id = ANY ($3) AND k.expires_at > $4"
    "   AND k.action = ANY ($5) AND k.revoked_at IS NULL AND (k.used_at IS NULL OR k.action = ANY ($6))"
    "   ORDER BY array_position($5, k.action), k.created_at LIMIT 1) link"
    " WHERE b.tenant_id = $1 AND b.reference = $2",
    "uuid",
    "text",
    "uuid[]",
    "timestamptz",
    "text[]",
    "text[]",
)


def by_reference(tenant_id: UUID, reference: str) -> BookingView:
    """The booking that a reference names. Raises NotFound."""
    if not is_reference(reference):
        raise NotFound(N_("We know no such booking."))
    return _one("b.reference = %s", tenant_id, reference)


def by_id(tenant_id: UUID, booking_id: UUID) -> BookingView:
    """The booking with this key. Raises NotFound."""
    return _one("b.id = %s", tenant_id, booking_id)


def by_link(
    tenant_id: UUID, reference: str, token_ids: Collection[UUID], *, purpose: Purpose, at: datetime
) -> Opened | None:
    """The booking that a reference names, if one of a browser's links opens such a page of it; one statement."""
    actions, even_used = list(OPENED_BY[purpose]), list(EVEN_USED.get(purpose, ()))
    row = _BY_LINK.row(tenant_id, reference, list(token_ids), at, actions, even_used)
    if row is None:
        return None
    return Opened(_view(row), row.link_id, LinkAction(row.link_action), row.link_label)


def by_nonce(tenant_id: UUID, nonce: UUID) -> BookingView | None:
    """The booking that a form has already made, if it has."""
    try:
        return _one("b.request_nonce = %s", tenant_id, nonce)
    except NotFound:
        return None


def lines(tenant_id: UUID, booking_id: UUID) -> list[LineView]:
    """The lines of a booking's price, the package first."""
    found = database.rows(
        "SELECT add_on_id, description, quantity, unit_cents, net_cents, tax_rate_bp, tax_cents, gross_cents"
        " FROM booking_line WHERE tenant_id = %s AND booking_id = %s ORDER BY position",
        tenant_id,
        booking_id,
    )
    return [LineView(*row) for row in found]


def timeline(tenant_id: UUID, booking_id: UUID) -> list[TimelineEntry]:
    """What happened to a booking, oldest first."""
    found = database.rows(
        "SELECT occurred_at, kind, actor, actor_user_id, from_status, to_status, details"
        " FROM booking_event WHERE tenant_id = %s AND booking_id = %s ORDER BY sequence",
        tenant_id,
        booking_id,
    )
    return [
        TimelineEntry(
            occurred_at=row.occurred_at,
            kind=row.kind,
            actor=Actor(row.actor),
            actor_user_id=row.actor_user_id,
            from_status=row.from_status and BookingStatus(row.from_status),
            to_status=row.to_status and BookingStatus(row.to_status),
            details=row.details,
        )
        for row in found
    ]


def tenant_of(reference: str) -> UUID | None:
    """Whose booking a reference names; needs no bound tenant."""
    if not is_reference(reference):
        return None
    tenant_id: UUID | None = database.value("SELECT tenant_id_by_reference(%s)", reference)
    return tenant_id


def _one(condition: str, tenant_id: UUID, key: object) -> BookingView:
    row = database.row(f"{_BOOKING} WHERE b.tenant_id = %s AND {condition}", tenant_id, key)
    if row is None:
        raise NotFound(N_("We know no such booking."))
    return _view(row)


def _view(row: database.Row) -> BookingView:
    values = {name: value for name, value in row._asdict().items() if not name.startswith("link_")}
    values["original_on"] = row.original_on or row.event_on
    values["status"] = BookingStatus(row.status)
    values["tax_mode"] = TaxMode(row.tax_mode)
    values["cancel_actor"] = row.cancel_actor and Actor(row.cancel_actor)
    values["policy"] = snapshot(row.policy)
    return BookingView(**values)
