"""What a mail speaks of, read again just before it is sent, so that it never tells of a state that has passed."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.availability import queries as availability
from portal.bookings import by_address, tokens
from portal.bookings import queries as bookings
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.lifecycle import returns
from portal.lifecycle.overview import Overview, Payment, Refund, overview
from portal.messages import returning
from portal.messages.states import Audience, MessageKind, MessageStatus
from portal.payments.states import RefundReason, RefundStatus, StageStatus
from portal.tenants import queries as tenants
from portal.tenants.language import Language, language
from portal.tenants.queries import TenantView

_SOLD = {BookingStatus.CONFIRMED, BookingStatus.CANCELLING, BookingStatus.COMPLETED}
# In which states of a booking a mail still tells the truth; the kinds that are not here have a rule of their own.
_TRUE_WHILE = {
    MessageKind.CONFIRMATION: _SOLD,
    MessageKind.NEW_BOOKING: _SOLD,
    MessageKind.CANCELLING: {BookingStatus.CANCELLING},
    MessageKind.CANCELLED: {BookingStatus.CANCELLED},
    MessageKind.CANCELLATION_UNDONE: {BookingStatus.CONFIRMED, BookingStatus.COMPLETED},
    MessageKind.COUPLE_CANCELS: {BookingStatus.CANCELLING, BookingStatus.CANCELLED},
    MessageKind.COUPLE_STAYS: {BookingStatus.CONFIRMED, BookingStatus.COMPLETED},
}


@dataclass(frozen=True, slots=True)
class MessageView:
    """The row of a message."""

    id: UUID
    booking_id: UUID
    kind: MessageKind
    slot: str
    recipient: str
    audience: Audience
    status: MessageStatus
    failure: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the templates may use of one message."""

    message: MessageView
    tenant: TenantView
    booking: BookingView
    overview: Overview
    today: date
    refund: Refund | None = None
    payment: Payment | None = None
    free_days: list[date] = field(default_factory=list)
    bookings: list[BookingView] = field(default_factory=list)

    @property
    def language(self) -> Language:
        """The tenant's."""
        return language(self.tenant.locale, self.tenant.timezone)

    @property
    def reason_to_skip(self) -> str:
        """Why this mail must not leave any more; empty when it may."""
        status = self.booking.status
        if status not in _TRUE_WHILE.get(self.message.kind, set(BookingStatus)):
            return f"the booking is {status}"
        if self.message.kind is MessageKind.REFUND_FAILED and not self._is_refund_failed():
            return "the refund is no longer failed"
        if self.message.kind is MessageKind.NEEDS_REVIEW and not self.booking.needs_review:
            return "somebody has looked into it"
        if self.message.kind is MessageKind.MANAGE_LINK and not self.bookings:
            return "the address belongs to no booking"
        if self.message.kind is MessageKind.PAYMENT_FAILED and status in _SOLD and not self._is_stage_failed():
            return "it was paid meanwhile"
        return ""

    @property
    def is_by_hand(self) -> bool:
        """Whether a person has to send back what this mail speaks of, because refunds are switched off."""
        if self.message.kind is MessageKind.REBOOKED:
            return returns.is_by_hand(self.overview, RefundReason.REBOOKED)
        return returning.is_by_hand(self.booking, self.overview)

    def _is_stage_failed(self) -> bool:
        return any(stage.status is StageStatus.FAILED for stage in self.overview.stages)

    def _is_refund_failed(self) -> bool:
        return self.refund is not None and self.refund.status is RefundStatus.FAILED


def message(tenant_id: UUID, message_id: UUID) -> MessageView | None:
    """The row of a message; None when there is none."""
    row = database.row(
        "SELECT id, subject_id, kind, slot, recipient, audience, status, failure FROM message"
        " WHERE tenant_id = %s AND id = %s",
        tenant_id,
        message_id,
    )
    if row is None:
        return None
    return MessageView(
        id=row.id,
        booking_id=row.subject_id,
        kind=MessageKind(row.kind),
        slot=row.slot,
        recipient=row.recipient,
        audience=Audience(row.audience),
        status=MessageStatus(row.status),
        failure=row.failure,
    )


def gather(tenant_id: UUID, about: MessageView, *, at: datetime) -> Facts:
    """All that the mail will say; within the caller's ``reading()``."""
    tenant, booking = tenants.get(tenant_id), bookings.by_id(tenant_id, about.booking_id)
    account = overview(tenant_id, booking.id)
    today = tenant.today(at)
    refund = next((refund for refund in account.refunds if str(refund.id) == about.slot), None)
    payment = next((payment for payment in account.payments if str(payment.id) == about.slot), None)
    free_days: list[date] = []
    if about.kind is MessageKind.PAYMENT_RETURNED:
        free_days = availability.nearest_free(
            tenant_id,
            resource_id=booking.resource_id,
            around=booking.event_on,
            days=booking.days,
            buffer_days=booking.buffer_days,
            today=today,
        )
    listed = _bookings_of(tenant_id, about, today) if about.kind is MessageKind.MANAGE_LINK else []
    return Facts(about, tenant, booking, account, today, refund, payment, free_days, listed)


def _bookings_of(tenant_id: UUID, about: MessageView, today: date) -> list[BookingView]:
    alive = today - tokens.LIVES_AFTER_EVENT + timedelta(days=1)
    found = by_address.with_address(tenant_id, about.recipient, not_before=alive)
    return [bookings.by_id(tenant_id, each.booking_id) for each in found]
