"""What the named fields of a mail stand for, read from its facts."""

from collections.abc import Callable
from datetime import date, timedelta

from portal.lifecycle.waiting_list import EntryView
from portal.messages import enclosures, figures, moving
from portal.messages.facts import Facts
from portal.messages.states import MessageKind
from portal.messages.wording import choosing
from portal.messages.wording.opening import Situation
from portal.tenants.language import Language
from portal.tenants.queries import TenantView

Values = dict[str, str]


def of_booking(facts: Facts) -> Situation:
    """The case and the values of a mail about a booking."""
    language, booking, kind = facts.language, facts.booking, facts.message.kind
    values = {
        "couple": booking.couple,
        "day": _days(language, booking.event_on, booking.days),
        "package": booking.package_name,
        "business": facts.tenant.name,
        "reference": booking.reference,
        **(more(facts) if (more := _MORE.get(kind)) else {}),
    }
    short = {"day": language.date_medium(booking.event_on)}
    return Situation(choosing.case_of(facts), values, {**values, **short}, _count(facts))


def of_waiting(language: Language, kind: MessageKind, tenant: TenantView, entry: EntryView) -> Situation:
    """The case and the values of a mail to somebody who waits."""
    values = {
        "couple": entry.name,
        "day": _days(language, entry.event_on, entry.days),
        "package": entry.package_name,
        "business": tenant.name,
        "until": language.datetime_medium(entry.offer_ends_at) if entry.offer_ends_at else "",
    }
    return Situation(kind.value, values, {**values, "day": language.date_medium(entry.event_on)})


def _days(language: Language, first_on: date, days: int) -> str:
    first = language.date_long(first_on)
    return first if days == 1 else f"{first} – {language.date_long(first_on + timedelta(days=days - 1))}"


def _count(facts: Facts) -> int:
    return len(facts.bookings if facts.message.kind is MessageKind.MANAGE_LINK else facts.documents) or 1


def _money(facts: Facts, cents: int | None) -> str:
    return facts.language.money(cents or 0, facts.booking.currency)


def _balance(facts: Facts) -> Values:
    balance = figures.balance(facts.overview, facts.reminder.slot) if facts.reminder else None
    if balance is None:
        return {}
    return {"amount": _money(facts, balance.cents), "due_on": facts.language.date_medium(balance.due_on)}


def _when(facts: Facts) -> Values:
    days_left = max(1, (facts.booking.event_on - facts.today).days)
    return {"when": facts.language.ngettext("tomorrow", "in %(num)d days", days_left)}


def _held(facts: Facts) -> Values:
    until = facts.booking.hold_expires_at
    return {"until": facts.language.datetime_medium(until) if until else ""}


def _cancelling(facts: Facts) -> Values:
    until = facts.booking.cancel_undo_until
    return {"until": facts.language.datetime_medium(until) if until else ""}


def _refund(facts: Facts) -> Values:
    return {"amount": _money(facts, facts.refund.amount_cents if facts.refund else None)}


def _payment(facts: Facts) -> Values:
    return {"amount": _money(facts, facts.payment.amount_cents if facts.payment else None)}


def _moved(facts: Facts) -> Values:
    if facts.quote is None:
        return {}
    before, after = moving.days(facts.quote)
    return {
        name: _days(facts.language, days.first_on, (days.last_on - days.first_on).days + 1)
        for name, days in (("old_day", before), ("new_day", after))
    }


def _documents(facts: Facts) -> Values:
    return {"documents": enclosures.in_a_subject(facts.language, facts.documents)}


def _new_address(facts: Facts) -> Values:
    return {"new_address": (facts.address_change.new_address if facts.address_change else None) or ""}


_K = MessageKind
_MORE: dict[MessageKind, Callable[[Facts], Values]] = {
    **dict.fromkeys((_K.BALANCE_SOON, _K.BALANCE_DUE, _K.BALANCE_OVERDUE, _K.BALANCE_LAST), _balance),
    **dict.fromkeys((_K.EVENT_SOON, _K.EVENT_EVE), _when),
    **dict.fromkeys((_K.COURTESY_HELD, _K.COURTESY_ENDS, _K.CHALLENGED), _held),
    **dict.fromkeys((_K.MOVED, _K.MOVE_LAPSED), _moved),
    _K.CANCELLING: _cancelling,
    _K.PAYMENT_SENT_BACK: _refund,
    _K.PAYMENT_RECEIVED: _payment,
    _K.PRICE_CHANGED: lambda facts: {"amount": _money(facts, facts.booking.total_cents)},
    _K.REBOOKED: lambda facts: {"amount": _money(facts, facts.booking.rebooked_cents)},
    _K.DOCUMENTS: _documents,
    _K.EMAIL_CHANGED: _new_address,
}
