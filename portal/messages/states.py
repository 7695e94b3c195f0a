"""What a message is about, who reads it, and where it stands (design.md, section 5)."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What a mail says. The names of the templates below ``templates/emails``."""

    CONFIRMATION = "confirmation"
    NEW_BOOKING = "new_booking"
    MANAGE_LINK = "manage_link"
    PAYMENT_RETURNED = "payment_returned"
    PAYMENT_FAILED = "payment_failed"
    REFUND_FAILED = "refund_failed"
    NEEDS_REVIEW = "needs_review"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    CANCELLATION_UNDONE = "cancellation_undone"
    COUPLE_CANCELS = "couple_cancels"
    REBOOKED = "rebooked"
    COUPLE_STAYS = "couple_stays"
    PAYMENT_RECEIVED = "payment_received"
    COUPLE_PAID = "couple_paid"


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
    MessageStatus.PLANNED: frozenset({MessageStatus.DUE, MessageStatus.CANCELLED}),
    MessageStatus.DUE: frozenset(
        {MessageStatus.SENT, MessageStatus.SKIPPED, MessageStatus.FAILED, MessageStatus.CANCELLED}
    ),
    MessageStatus.FAILED: frozenset({MessageStatus.DUE}),
    MessageStatus.SENT: frozenset(),
    MessageStatus.SKIPPED: frozenset(),
    MessageStatus.CANCELLED: frozenset(),
}
