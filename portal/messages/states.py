"""What a message is about, who reads it, and where it stands (design.md, section 5)."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What a mail says. The names of the templates below ``templates/emails``."""

    CONFIRMATION = "confirmation"
    NEW_BOOKING = "new_booking"
    MANAGE_LINK = "manage_link"
    PAYMENT_RETURNED = "payment_returned"
    PAYMENT_SENT_BACK = "payment_sent_back"
    PAYMENT_FAILED = "payment_failed"
    REFUND_FAILED = "refund_failed"
    NEEDS_REVIEW = "needs_review"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    CANCELLATION_UNDONE = "cancellation_undone"
    COUPLE_CANCELS = "couple_cancels"
    REBOOKED = "rebooked"
    COUPLE_STAYS = "couple_stays"
    MOVED = "moved"
    COUPLE_MOVED = "couple_moved"
    MOVE_LAPSED = "move_lapsed"
    COURTESY_HELD = "courtesy_held"
    COURTESY_ENDS = "courtesy_ends"
    CHALLENGED = "challenged"
    COURTESY_ENDED = "courtesy_ended"
    PAYMENT_RECEIVED = "payment_received"
    COUPLE_PAID = "couple_paid"
    DETAILS_CHANGED = "details_changed"
    PRICE_CHANGED = "price_changed"
    EMAIL_CONFIRM = "email_confirm"
    EMAIL_CHANGED = "email_changed"
    NEW_LINK = "new_link"
    DOCUMENTS = "documents"
    WAITLIST_JOINED = "waitlist_joined"
    WAITLIST_OFFER = "waitlist_offer"
    WAITLIST_ENDED = "waitlist_ended"
    EVENT_SOON = "event_soon"
    EVENT_EVE = "event_eve"
    FOLLOW_UP = "follow_up"
    BALANCE_SOON = "balance_soon"
    BALANCE_DUE = "balance_due"
    BALANCE_OVERDUE = "balance_overdue"
    BALANCE_LAST = "balance_last"
    FREE_DATES = "free_dates"
    BUSY_OUTSIDE = "busy_outside"
    COUPLE_OWES = "couple_owes"
    DISPUTE_OPENED = "dispute_opened"
    MAIL_FAILED = "mail_failed"
    DAILY_SUMMARY = "daily_summary"
    CALENDAR_REFUSED = "calendar_refused"


class Subject(StrEnum):
    """What it is about: the kind of row that its ``subject_id`` names."""

    BOOKING = "booking"
    WAITLIST = "waitlist"
    TENANT = "tenant"


_ABOUT_TENANT = {MessageKind.FREE_DATES, MessageKind.DAILY_SUMMARY, MessageKind.CALENDAR_REFUSED}
_ABOUT_WAITING = {MessageKind.WAITLIST_JOINED, MessageKind.WAITLIST_OFFER, MessageKind.WAITLIST_ENDED}


def subject_of(kind: MessageKind) -> Subject:
    """What mails of a kind are about."""
    if kind in _ABOUT_TENANT:
        return Subject.TENANT
    return Subject.WAITLIST if kind in _ABOUT_WAITING else Subject.BOOKING


class Audience(StrEnum):
    """Who reads it."""

    COUPLE = "couple"
    OWNER = "owner"


class MessageStatus(StrEnum):
    """Where it stands."""

    PLANNED = "planned"
    DUE = "due"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[MessageStatus, frozenset[MessageStatus]] = {
    MessageStatus.PLANNED: frozenset({MessageStatus.DUE, MessageStatus.SKIPPED, MessageStatus.CANCELLED}),
    MessageStatus.DUE: frozenset(
        {
            MessageStatus.SENT,
            MessageStatus.SKIPPED,
            MessageStatus.FAILED,
            MessageStatus.CANCELLED,
            MessageStatus.PLANNED,  # taken back before it left
        }
    ),
    MessageStatus.FAILED: frozenset({MessageStatus.DUE}),
    MessageStatus.SENT: frozenset({MessageStatus.FAILED}),  # it came back
    MessageStatus.SKIPPED: frozenset(),
    MessageStatus.CANCELLED: frozenset({MessageStatus.PLANNED}),  # the plan has it again
}
