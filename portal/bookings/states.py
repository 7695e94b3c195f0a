"""The states of a booking and the ways between them (design.md, section 5). What was paid is never one of them."""

from enum import StrEnum


class BookingStatus(StrEnum):
    """Where a booking stands."""

    HELD = "held"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class Actor(StrEnum):
    """Who did what the timeline tells."""

    COUPLE = "couple"
    OWNER = "owner"
    SYSTEM = "system"
    STRIPE = "stripe"


class ChangeKind(StrEnum):
    """What a quote is about."""

    CANCEL = "cancel"
    MOVE = "move"
    DETAILS = "details"


class QuoteStatus(StrEnum):
    """Where a quote stands. ``confirmed`` waits: for the end of the undo window, or for money."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DONE = "done"
    LAPSED = "lapsed"


class WhichAddress(StrEnum):
    """Which of a couple's two addresses of mail."""

    FIRST = "first"
    SECOND = "second"


class LinkAction(StrEnum):
    """What a booking's secret link is for."""

    MANAGE = "manage"  # mailed to the couple
    BROWSER = "browser"  # given to the browser that booked
    RESCHEDULE = "reschedule"  # mailed; used up by the move
    CANCEL = "cancel"  # mailed; used up by the cancellation
    EMAIL = "email"  # mailed to a new address, which it confirms; then used up
    LOOK = "look"  # shared by the couple
    PAY = "pay"  # shared by the couple


class Purpose(StrEnum):
    """What a page below a booking does; each link opens the pages of its own purpose alone."""

    MANAGE = "manage"  # everything
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    EMAIL = "email"
    LOOK = "look"
    PAY = "pay"
    RETURN = "return"  # back from Stripe


# Who holds one of these sees and does everything.
WHOLE = (LinkAction.MANAGE, LinkAction.BROWSER)
# Which links open a page; those that open more come first. An address is confirmed from its own mail alone.
OPENED_BY: dict[Purpose, tuple[LinkAction, ...]] = {
    Purpose.MANAGE: WHOLE,
    Purpose.RESCHEDULE: (*WHOLE, LinkAction.RESCHEDULE),
    Purpose.CANCEL: (*WHOLE, LinkAction.CANCEL),
    Purpose.EMAIL: (LinkAction.EMAIL,),
    Purpose.LOOK: (*WHOLE, LinkAction.LOOK),
    Purpose.PAY: (*WHOLE, LinkAction.PAY),
    Purpose.RETURN: (*WHOLE, LinkAction.PAY, LinkAction.RESCHEDULE),
}
# The move that a link began may have used it up by the time that Stripe leads back.
EVEN_USED: dict[Purpose, tuple[LinkAction, ...]] = {Purpose.RETURN: (LinkAction.RESCHEDULE,)}


TRANSITIONS: dict[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.HELD: frozenset({BookingStatus.CONFIRMED, BookingStatus.EXPIRED, BookingStatus.CANCELLED}),
    BookingStatus.EXPIRED: frozenset({BookingStatus.CONFIRMED}),
    BookingStatus.CONFIRMED: frozenset({BookingStatus.COMPLETED, BookingStatus.CANCELLING}),
    BookingStatus.CANCELLING: frozenset({BookingStatus.CANCELLED, BookingStatus.CONFIRMED}),
    BookingStatus.CANCELLED: frozenset(),
    BookingStatus.COMPLETED: frozenset(),
}

QUOTE_TRANSITIONS: dict[QuoteStatus, frozenset[QuoteStatus]] = {
    QuoteStatus.OFFERED: frozenset({QuoteStatus.CONFIRMED, QuoteStatus.LAPSED}),
    QuoteStatus.CONFIRMED: frozenset({QuoteStatus.DONE, QuoteStatus.LAPSED}),
    QuoteStatus.DONE: frozenset(),
    QuoteStatus.LAPSED: frozenset(),
}

CLAIMS_ITS_DAYS = frozenset(
    {BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.CANCELLING}
)


def is_allowed(before: BookingStatus, after: BookingStatus) -> bool:
    """Whether a booking may go from one state to the other."""
    return after in TRANSITIONS[before]
