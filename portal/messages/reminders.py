"""What a planned message hangs on, read anew: the plan that its booking has now, its date, its money, its reader.

Shared by who plans and who sends, so that nothing leaves which would not be planned today.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal import settings
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.lifecycle import address
from portal.lifecycle.overview import Overview
from portal.messages.schedule import BALANCE, COURSES, Slot, read_plan, slots
from portal.messages.states import MessageKind

# What was missed by more is not sent late.
LATE = timedelta(days=1)
MISSED = "it was missed by more than a day"
PAUSED = "the messages were paused"
_REMINDED = {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}
# Said of a day that is to come, and not on it or after it.
_BEFOREHAND = {MessageKind.EVENT_SOON, MessageKind.EVENT_EVE, MessageKind.BALANCE_SOON}


@dataclass(frozen=True, slots=True)
class Reminder:
    """A planned message as it stands now; without a slot its booking's plan does not hold it any more."""

    slot: Slot | None
    reason_to_skip: str


def slots_now(booking: BookingView, due_ons: Iterable[date]) -> dict[tuple[MessageKind, str], Slot]:
    """All messages that a booking should get as it stands now, whenever that is; within the caller's transaction."""
    if booking.status not in _REMINDED:
        return {}
    row = database.row("SELECT reminder_plan, timezone FROM tenant WHERE id = %s", booking.tenant_id)
    assert row is not None  # noqa: S101  a booking has a tenant
    plan = read_plan(row.reminder_plan)
    return slots(plan, event_on=booking.event_on, days=booking.days, due_ons=set(due_ons), timezone=row.timezone)


def open_due_ons(account: Overview) -> list[date]:
    """The days on which something is due that is not paid."""
    return [stage.due_on for stage in account.open_stages]


def is_switched_on() -> bool:
    """Whether this installation reminds anybody."""
    return settings.current().features.reminders


def look(message_id: UUID, booking: BookingView, account: Overview, *, at: datetime, today: date) -> Reminder | None:
    """How a planned message stands; None for one of a kind that is not planned."""
    row = database.row(
        "SELECT kind, slot, recipient, due_at, failure, b.messages_paused FROM message m"
        " JOIN booking b ON b.tenant_id = m.tenant_id AND b.id = m.subject_id WHERE m.tenant_id = %s AND m.id = %s",
        booking.tenant_id,
        message_id,
    )
    if row is None or row.kind not in COURSES:
        return None
    slot = slots_now(booking, open_due_ons(account)).get((MessageKind(row.kind), row.slot))
    return Reminder(slot, _reason(row, slot, booking, account, at=at, today=today))


def has_stopped(tenant_id: UUID, email: str) -> bool:
    """Whether an address wants nothing after the event."""
    return bool(
        database.value("SELECT 1 FROM follow_up_stop WHERE tenant_id = %s AND email = %s", tenant_id, email.lower())
    )


def _wants_none(booking: BookingView, recipient: str) -> bool:
    """Whether the address that it goes to by now has said so."""
    return has_stopped(booking.tenant_id, address.follow(booking, recipient) or recipient)


def _reason(
    row: database.Row, slot: Slot | None, booking: BookingView, account: Overview, *, at: datetime, today: date
) -> str:
    """Why it must not leave; what was tried in time and failed may be tried again later."""
    kind = MessageKind(row.kind)
    if slot is None:
        is_reminded = booking.status in _REMINDED
        return "the plan has changed" if is_reminded else f"the booking is {booking.status}"
    reasons = (
        (not is_switched_on(), "reminders are switched off"),
        (row.messages_paused, PAUSED),
        (row.due_at and at > row.due_at + LATE and not row.failure, MISSED),
        (kind in _BEFOREHAND and today >= slot.about_on, "its day has come"),
        (kind is MessageKind.BALANCE_DUE and today > slot.about_on, "its day has passed"),
        (kind in BALANCE and account.is_money_on_its_way, "a payment is on its way"),
        (kind is MessageKind.FOLLOW_UP and _wants_none(booking, row.recipient), "they want none of these"),
    )
    return next((reason for is_so, reason in reasons if is_so), "")
