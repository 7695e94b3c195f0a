"""Which case of its kind a mail is: whose doing it tells of, or why something came to nothing."""

from collections.abc import Callable

from portal.bookings.states import Actor
from portal.messages import moving
from portal.messages.facts import Facts
from portal.messages.states import MessageKind
from portal.payments.states import RefundReason


def case_of(facts: Facts) -> str:
    """The key of the case; of a kind that has one alone, its own name."""
    choose = _CASE.get(facts.message.kind)
    return choose(facts) if choose else facts.message.kind.value


def _cancelling_case(facts: Facts) -> str:
    return "cancelling" if facts.booking.cancel_actor is Actor.COUPLE else "cancelling_by_business"


def _cancelled_case(facts: Facts) -> str:
    return "cancelled_by_business" if facts.booking.cancel_actor is Actor.OWNER else "cancelled"


def _moved_case(facts: Facts) -> str:
    return "moved" if facts.quote and facts.quote.actor is Actor.COUPLE else "moved_by_business"


def _lapsed_case(facts: Facts) -> str:
    why = moving.told(facts.quote, facts.overview).why_not if facts.quote else ""
    return {"overtaken": "move_lapsed_overtaken", "payment_failed": "move_lapsed_declined"}.get(why, "move_lapsed")


def _sent_back_case(facts: Facts) -> str:
    is_twice = facts.refund is not None and facts.refund.reason is RefundReason.DUPLICATE
    return "payment_sent_back_twice" if is_twice else "payment_sent_back"


def _link_case(facts: Facts) -> str:
    is_replaced = facts.address_change is not None and facts.address_change.old_address
    return "new_link" if is_replaced else "new_link_added"


def _address_case(facts: Facts) -> str:
    change = facts.address_change
    if change is None or not change.old_address:
        return "email_changed_added"
    return "email_changed" if change.new_address else "email_changed_removed"


_K = MessageKind
_CASE: dict[MessageKind, Callable[[Facts], str]] = {
    _K.CANCELLING: _cancelling_case,
    _K.CANCELLED: _cancelled_case,
    _K.MOVED: _moved_case,
    _K.MOVE_LAPSED: _lapsed_case,
    _K.PAYMENT_SENT_BACK: _sent_back_case,
    _K.NEW_LINK: _link_case,
    _K.EMAIL_CHANGED: _address_case,
}
