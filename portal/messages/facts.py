"""What a mail speaks of, read again just before it is sent, so that it never tells of a state that has passed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.availability import outside, waitlist_use
from portal.availability import queries as availability
from portal.availability.outside import Clash
from portal.bookings import address_changes, by_address, quotes, tokens
from portal.bookings import queries as bookings
from portal.bookings.address_changes import AddressChange
from portal.bookings.queries import BookingView, TimelineEntry
from portal.bookings.quotes import Quote
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.kernel import time
from portal.lifecycle import address, returns
from portal.lifecycle.overview import Overview, Payment, Refund, overview
from portal.messages import disputes, enclosures, moving, reminders, returning
from portal.messages.disputes import Dispute
from portal.messages.enclosures import Enclosed
from portal.messages.reminders import Reminder
from portal.messages.states import Audience, MessageKind, MessageStatus
from portal.messages.wording import store
from portal.messages.wording.store import Wording
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
    MessageKind.COURTESY_HELD: {BookingStatus.HELD},
    MessageKind.COURTESY_ENDS: {BookingStatus.HELD},
    MessageKind.CHALLENGED: {BookingStatus.HELD},
    MessageKind.COURTESY_ENDED: {BookingStatus.EXPIRED},
    MessageKind.COUPLE_CANCELS: {BookingStatus.CANCELLING, BookingStatus.CANCELLED},
    MessageKind.COUPLE_STAYS: {BookingStatus.CONFIRMED, BookingStatus.COMPLETED},
    MessageKind.MOVED: _SOLD,
    MessageKind.COUPLE_MOVED: _SOLD,
    MessageKind.MOVE_LAPSED: {BookingStatus.CONFIRMED, BookingStatus.COMPLETED},
    MessageKind.BUSY_OUTSIDE: {BookingStatus.CONFIRMED},
    MessageKind.COUPLE_OWES: {BookingStatus.CONFIRMED, BookingStatus.COMPLETED},
}
# These go to an address that is not on file, or not any more, or wherever it is by now.
_TO_THAT_ADDRESS = {MessageKind.EMAIL_CONFIRM, MessageKind.EMAIL_CHANGED, MessageKind.MANAGE_LINK}
# What has failed is tried again every night.
_NOT_ARRIVED = {MessageStatus.FAILED, MessageStatus.DUE}
_OF_A_CHANGE = {MessageKind.DETAILS_CHANGED, MessageKind.PRICE_CHANGED}
_OF_AN_ADDRESS = {MessageKind.EMAIL_CONFIRM, MessageKind.EMAIL_CHANGED, MessageKind.NEW_LINK}
_OF_A_MOVE = {MessageKind.MOVED, MessageKind.COUPLE_MOVED, MessageKind.MOVE_LAPSED}


@dataclass(frozen=True, slots=True)
class MessageView:
    """The row of a message."""

    id: UUID
    subject_id: UUID
    kind: MessageKind
    slot: str
    recipient: str
    audience: Audience
    status: MessageStatus
    failure: str
    bounced_id: str = ""

    @property
    def booking_id(self) -> UUID:
        """The booking that it is about, if it is about one."""
        return self.subject_id


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
    quote: Quote | None = None
    free_days: list[date] = field(default_factory=list)
    bookings: list[BookingView] = field(default_factory=list)
    entry: TimelineEntry | None = None
    address_change: AddressChange | None = None
    documents: list[Enclosed] = field(default_factory=list)
    reminder: Reminder | None = None
    dispute: Dispute | None = None
    failed: "Facts | None" = None
    kept_until: datetime | None = None
    words: Mapping[str, Wording] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)

    @property
    def language(self) -> Language:
        """The tenant's."""
        return language(self.tenant.locale, self.tenant.timezone)

    @property
    def reason_to_skip(self) -> str:
        """Why this mail must not leave any more; empty when it may."""
        status, kind = self.booking.status, self.message.kind
        if self.reminder is not None:
            return self.reminder.reason_to_skip
        if status not in _TRUE_WHILE.get(kind, set(BookingStatus)):
            return f"the booking is {status}"
        if self.quote is not None and not self._is_where_it_moved():
            return "it was moved again"
        is_true, otherwise = _TRUE_IF.get(kind, (None, ""))
        return "" if is_true is None or is_true(self) else otherwise

    @property
    def is_out_of_plan(self) -> bool:
        """Whether this was planned, and is not any more."""
        return self.reminder is not None and self.reminder.slot is None

    @property
    def is_for_somebody_else(self) -> bool:
        """Whether the couple has another address by now than the one that this was to go to."""
        message = self.message
        if message.audience is not Audience.COUPLE or message.kind in _TO_THAT_ADDRESS:
            return False
        return not address.is_on_file(self.booking, message.recipient)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person has to send back what this mail speaks of, because refunds are switched off."""
        if self.message.kind is MessageKind.REBOOKED:
            return returns.is_by_hand(self.overview, RefundReason.REBOOKED)
        return returning.is_by_hand(self.booking, self.overview)

    @property
    def overdue_cents(self) -> int:
        """What should have been paid on the day that the message names."""
        open_stages = self.overview.open_stages
        return sum(each.amount_cents for each in open_stages if each.due_on.isoformat() == self.message.slot)

    def _is_where_it_moved(self) -> bool:
        """Whether the date is the one that the mail tells of: the new one, or the old one of a move that lapsed."""
        assert self.quote is not None  # noqa: S101  asked of moves alone
        before, after = moving.dates(self.quote)
        return self.booking.event_on == (before if self.message.kind is MessageKind.MOVE_LAPSED else after)


def _is_refund_failed(facts: Facts) -> bool:
    return facts.refund is not None and facts.refund.status is RefundStatus.FAILED


def _is_unpaid(facts: Facts) -> bool:
    is_failed = any(stage.status is StageStatus.FAILED for stage in facts.overview.stages)
    return facts.booking.status not in _SOLD or is_failed


def _is_overdue(facts: Facts) -> bool:
    return facts.overdue_cents > 0 and not facts.overview.is_money_on_its_way


def _is_kept(facts: Facts) -> bool:
    until = facts.booking.hold_expires_at if facts.booking.is_courtesy else None
    if until is None or facts.overview.is_money_on_its_way:
        return False
    return time.today(facts.tenant.timezone, until) >= facts.today


# What must still be so for a mail to tell the truth, and what to note when it is not.
_TRUE_IF: dict[MessageKind, tuple[Callable[[Facts], object], str]] = {
    MessageKind.REFUND_FAILED: (_is_refund_failed, "the refund is no longer failed"),
    MessageKind.NEEDS_REVIEW: (lambda facts: facts.booking.needs_review, "somebody has looked into it"),
    MessageKind.MANAGE_LINK: (lambda facts: facts.bookings, "the address belongs to no booking"),
    MessageKind.PAYMENT_FAILED: (_is_unpaid, "it was paid meanwhile"),
    MessageKind.COURTESY_HELD: (_is_kept, "the date is no longer kept"),
    MessageKind.COURTESY_ENDS: (_is_kept, "the date is no longer kept"),
    MessageKind.CHALLENGED: (lambda facts: _is_kept(facts) and facts.booking.challenged_at, "nobody else asks for it"),
    MessageKind.EMAIL_CONFIRM: (lambda facts: facts.address_change, "nobody waits for an answer"),
    MessageKind.COUPLE_OWES: (_is_overdue, "it was paid meanwhile"),
    MessageKind.DISPUTE_OPENED: (lambda facts: facts.dispute and not facts.dispute.is_won, "the bank gave it back"),
    MessageKind.MAIL_FAILED: (lambda facts: facts.failed, "the mail has left meanwhile"),
    MessageKind.BUSY_OUTSIDE: (lambda facts: facts.clashes, "its day is not busy elsewhere any more"),
}


def message(tenant_id: UUID, message_id: UUID) -> MessageView | None:
    """The row of a message; None when there is none."""
    row = database.row(
        "SELECT id, subject_id, kind, slot, recipient, audience, status, failure, bounced_id FROM message"
        " WHERE tenant_id = %s AND id = %s",
        tenant_id,
        message_id,
    )
    if row is None:
        return None
    return MessageView(
        id=row.id,
        subject_id=row.subject_id,
        kind=MessageKind(row.kind),
        slot=row.slot,
        recipient=row.recipient,
        audience=Audience(row.audience),
        status=MessageStatus(row.status),
        failure=row.failure,
        bounced_id=row.bounced_id,
    )


def of_notice(row: database.Row) -> MessageView:
    """What the business waits to hear of, as the message that would tell it."""
    return MessageView(
        id=row.id,
        subject_id=row.booking_id,
        kind=MessageKind(row.kind),
        slot=row.slot,
        recipient="",
        audience=Audience.OWNER,
        status=MessageStatus.DUE,
        failure="",
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
    quote = quotes.load(tenant_id, booking.id, UUID(about.slot)) if about.kind in _OF_A_MOVE else None
    listed = _bookings_of(tenant_id, about, today) if about.kind is MessageKind.MANAGE_LINK else []
    entry = _entry(account, about) if about.kind in _OF_A_CHANGE else None
    change = _address_change(tenant_id, about, at) if about.kind in _OF_AN_ADDRESS else None
    enclosed = enclosures.load(tenant_id, about.slot) if about.kind is MessageKind.DOCUMENTS else []
    reminder = reminders.look(about.id, booking, account, at=at, today=today)
    dispute = disputes.told(tenant_id, booking.id, about.slot) if about.kind is MessageKind.DISPUTE_OPENED else None
    kept = waitlist_use.kept_until(tenant_id, booking.id, at=at) if about.kind is MessageKind.PAYMENT_FAILED else None
    clashes = outside.clashes(tenant_id, booking.id) if about.kind is MessageKind.BUSY_OUTSIDE else []
    failed = _failed(tenant_id, about, at) if about.kind is MessageKind.MAIL_FAILED else None
    return Facts(
        about, tenant, booking, account, today, refund, payment, quote, free_days, listed, entry, change, enclosed,
        reminder, dispute=dispute, failed=failed, kept_until=kept, words=store.of_kind(tenant_id, about.kind),
        clashes=clashes,
    )  # fmt: skip


def _failed(tenant_id: UUID, about: MessageView, at: datetime) -> Facts | None:
    """The mail that did not arrive, and all that it would have said; unless it has left or need not any more."""
    found = message(tenant_id, UUID(about.slot))
    return gather(tenant_id, found, at=at) if found and found.status in _NOT_ARRIVED else None


def _entry(account: Overview, about: MessageView) -> TimelineEntry | None:
    """The row of the timeline that led to the version which the message names."""
    return next((each for each in account.timeline if str(each.details.get("version")) == about.slot), None)


def _address_change(tenant_id: UUID, about: MessageView, at: datetime) -> AddressChange | None:
    """The address that the message speaks of; a question only for as long as somebody waits for the answer."""
    change = address_changes.load(tenant_id, about.booking_id, UUID(about.slot))
    if change and about.kind is MessageKind.EMAIL_CONFIRM and not change.is_waiting(at):
        return None
    return change


def _bookings_of(tenant_id: UUID, about: MessageView, today: date) -> list[BookingView]:
    alive = today - tokens.LIVES_AFTER_EVENT + timedelta(days=1)
    found = by_address.with_address(tenant_id, about.recipient, not_before=alive)
    return [bookings.by_id(tenant_id, each.booking_id) for each in found]
