"""Which emails a business may put into its own words, under which headings, and which fields each has.

A kind that says different things for different reasons has a case for each, as no single text is true of all.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.messages.states import MessageKind


class Group(StrEnum):
    """The headings of the list."""

    BOOKING = "booking"
    REMINDERS = "reminders"
    MONEY = "money"
    CHANGES = "changes"
    KEPT = "kept"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Case:
    """One text: ``key`` names its opening below ``templates/emails/openings`` and its row."""

    key: str
    kind: MessageKind
    group: Group
    fields: tuple[str, ...]


_BOOKED = ("couple", "day", "package", "business", "reference")
_WAITING = ("couple", "day", "package", "business")
_DUE = (*_BOOKED, "amount", "due_on")
_HELD = (*_BOOKED, "until")
_K, _G = MessageKind, Group
CASES: dict[str, Case] = {
    key: Case(key, kind, group, fields)
    for key, kind, group, fields in (
        ("confirmation", _K.CONFIRMATION, _G.BOOKING, _BOOKED),
        ("price_changed", _K.PRICE_CHANGED, _G.BOOKING, (*_BOOKED, "amount")),
        ("documents", _K.DOCUMENTS, _G.BOOKING, (*_BOOKED, "documents")),
        ("event_soon", _K.EVENT_SOON, _G.REMINDERS, (*_BOOKED, "when")),
        ("event_eve", _K.EVENT_EVE, _G.REMINDERS, (*_BOOKED, "when")),
        ("follow_up", _K.FOLLOW_UP, _G.REMINDERS, _BOOKED),
        ("balance_soon", _K.BALANCE_SOON, _G.MONEY, _DUE),
        ("balance_due", _K.BALANCE_DUE, _G.MONEY, _DUE),
        ("balance_overdue", _K.BALANCE_OVERDUE, _G.MONEY, _DUE),
        ("balance_last", _K.BALANCE_LAST, _G.MONEY, _DUE),
        ("payment_received", _K.PAYMENT_RECEIVED, _G.MONEY, (*_BOOKED, "amount")),
        ("payment_failed", _K.PAYMENT_FAILED, _G.MONEY, _BOOKED),
        ("payment_sent_back", _K.PAYMENT_SENT_BACK, _G.MONEY, (*_BOOKED, "amount")),
        ("payment_sent_back_twice", _K.PAYMENT_SENT_BACK, _G.MONEY, (*_BOOKED, "amount")),
        ("payment_returned", _K.PAYMENT_RETURNED, _G.MONEY, _BOOKED),
        ("moved", _K.MOVED, _G.CHANGES, (*_BOOKED, "old_day")),
        ("moved_by_business", _K.MOVED, _G.CHANGES, (*_BOOKED, "old_day")),
        ("move_lapsed", _K.MOVE_LAPSED, _G.CHANGES, (*_BOOKED, "new_day")),
        ("move_lapsed_declined", _K.MOVE_LAPSED, _G.CHANGES, (*_BOOKED, "new_day")),
        ("move_lapsed_overtaken", _K.MOVE_LAPSED, _G.CHANGES, (*_BOOKED, "new_day")),
        ("cancelling", _K.CANCELLING, _G.CHANGES, _HELD),
        ("cancelling_by_business", _K.CANCELLING, _G.CHANGES, _HELD),
        ("cancelled", _K.CANCELLED, _G.CHANGES, _BOOKED),
        ("cancelled_by_business", _K.CANCELLED, _G.CHANGES, _BOOKED),
        ("cancellation_undone", _K.CANCELLATION_UNDONE, _G.CHANGES, _BOOKED),
        ("rebooked", _K.REBOOKED, _G.CHANGES, (*_BOOKED, "amount")),
        ("courtesy_held", _K.COURTESY_HELD, _G.KEPT, _HELD),
        ("courtesy_ends", _K.COURTESY_ENDS, _G.KEPT, _HELD),
        ("challenged", _K.CHALLENGED, _G.KEPT, _HELD),
        ("courtesy_ended", _K.COURTESY_ENDED, _G.KEPT, _BOOKED),
        ("waitlist_joined", _K.WAITLIST_JOINED, _G.KEPT, _WAITING),
        ("waitlist_offer", _K.WAITLIST_OFFER, _G.KEPT, (*_WAITING, "until")),
        ("waitlist_ended", _K.WAITLIST_ENDED, _G.KEPT, _WAITING),
        ("manage_link", _K.MANAGE_LINK, _G.ACCESS, ("couple", "business")),
        ("new_link", _K.NEW_LINK, _G.ACCESS, _BOOKED),
        ("new_link_added", _K.NEW_LINK, _G.ACCESS, _BOOKED),
        # Whoever reads these may be a stranger: nothing that a couple has typed stands in them.
        ("email_confirm", _K.EMAIL_CONFIRM, _G.ACCESS, ("day", "package", "business")),
        ("email_changed", _K.EMAIL_CHANGED, _G.ACCESS, ("day", "business")),
        ("email_changed_removed", _K.EMAIL_CHANGED, _G.ACCESS, ("day", "business")),
        ("email_changed_added", _K.EMAIL_CHANGED, _G.ACCESS, ("day", "business", "new_address")),
    )
}
EDITABLE = frozenset(case.kind for case in CASES.values())


def keys_of(kind: MessageKind) -> list[str]:
    """The cases of a kind; none of one that couples do not get."""
    return [case.key for case in CASES.values() if case.kind is kind]
