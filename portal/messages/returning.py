"""Money that goes back, in words: what a cancellation gives, and how far each refund is. For couple and owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import BookingStatus
from portal.kernel.text import N_
from portal.lifecycle import rebooked
from portal.lifecycle import returns as money
from portal.lifecycle.overview import Overview, Payment
from portal.messages.figures import Row
from portal.payments.states import RefundReason, RefundStatus
from portal.tenants.language import Language

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Return:
    """One refund and how far it is; ``state`` and ``tone`` are for its badge."""

    id: UUID
    cents: int
    to: str
    state: str
    tone: str
    requested_at: datetime
    ended_at: datetime | None
    note: str
    is_failed: bool


_STATES = {
    RefundStatus.PENDING: (N_("Asked for"), "wait"),
    RefundStatus.PROCESSING: (N_("With Stripe"), "wait"),
    RefundStatus.COMPLETED: (N_("Done"), "good"),
    RefundStatus.FAILED: (N_("Failed"), "bad"),
}
_ENDED = {RefundStatus.COMPLETED, RefundStatus.FAILED}


def returns(language: Language, account: Overview) -> list[Return]:
    """Every refund that counts, oldest first."""
    payments = {payment.id: payment for payment in account.payments}
    return [
        Return(
            id=refund.id,
            cents=refund.amount_cents,
            to=_card(language, payments[refund.payment_id]),
            state=language.gettext(_STATES[refund.status][0]),
            tone=_STATES[refund.status][1],
            requested_at=refund.requested_at,
            ended_at=refund.changed_at if refund.status in _ENDED else None,
            note=refund.note,
            is_failed=refund.status is RefundStatus.FAILED,
        )
        for refund in account.standing_refunds
    ]


def sums(language: Language, quote: Quote) -> list[Row]:
    """What was paid, what is kept of it and what goes back."""
    basis, result = quote.basis, quote.result
    return [
        Row(language.gettext("Paid so far"), basis["captured_cents"]),
        Row(language.gettext("Kept"), -result["kept_cents"]),
        Row(language.gettext("Goes back"), result["refund_cents"], "total"),
    ]


def parts(language: Language, quote: Quote, account: Overview) -> list[Row]:
    """What goes back of each payment, the newest first."""
    payments = {str(payment.id): payment for payment in account.payments}
    return [
        Row(_card(language, payments[part["payment_id"]]), part["amount_cents"]) for part in quote.result["refunds"]
    ]


def because(language: Language, quote: Quote) -> str:
    """Which of the terms decides today."""
    basis = quote.basis
    if basis["reason"] == "cooling_off":
        return language.gettext("You are still within the time after booking in which everything comes back.")
    if basis["reason"] == "too_late":
        return language.gettext("By the terms that were agreed nothing is given back this close to the day.")
    sentence = language.ngettext(
        "This is %(num)d day before the day, or more: %(percent)s%% of what is not kept comes back.",
        "This is %(num)d days before the day, or more: %(percent)s%% of what is not kept comes back.",
        basis["tier_days"],
        percent=basis["percent"],
    )
    return " ".join([sentence, *_kept(language, basis, quote.currency)])


def when_a_couple_cancels(language: Language, booking: BookingView, *, is_by_hand: bool) -> str:
    """What becomes of date and money, to the business."""
    couple, cents = booking.couple, booking.cancel_refund_cents or 0
    until = booking.cancel_undo_until
    if until and booking.status is BookingStatus.CANCELLING and until != booking.cancel_requested_at:
        date = language.gettext(
            "%(couple)s are cancelling their booking. Until %(time)s they can take that back; then the date is free.",
            couple=couple,
            time=language.datetime_medium(until),
        )
    else:
        date = language.gettext("%(couple)s have cancelled their booking. The date is free again.", couple=couple)
    amount = language.money(cents, booking.currency)
    if not cents:
        back = language.gettext("By the terms nothing goes back to them.")
    elif is_by_hand:
        back = language.gettext(
            "%(amount)s is owed back to them. Refunds are switched off here: please make it at Stripe.", amount=amount
        )
    else:
        back = language.gettext("%(amount)s goes back to them by itself.", amount=amount)
    return f"{date} {back}"


def is_by_hand(booking: BookingView, account: Overview) -> bool:
    """Whether a person has to send back what a cancellation gives, because refunds are (or were) switched off."""
    if booking.status is BookingStatus.CANCELLING:
        return money.is_switched_off()
    return money.is_by_hand(account, RefundReason.CANCELLATION)


def further_share(language: Language, booking: BookingView, account: Overview) -> str:
    """Which share of what is kept of a cancelled booking goes back once its date is sold again, or nothing."""
    share = booking.policy.cancellation.rebooked_percent
    kept = sum(paid.left_cents for paid in rebooked.kept(account))
    if booking.status is BookingStatus.CANCELLING or money.is_by_hand(account, RefundReason.CANCELLATION):
        kept -= booking.cancel_refund_cents or 0
    if booking.rebooked_at is not None or not share or kept <= 0:
        return ""
    return language.percent_bp(share * 100)


def while_(language: Language, minutes: int) -> str:
    """So many minutes, in hours where they are whole."""
    hours, rest = divmod(minutes, _HOUR)
    if hours and not rest:
        return language.ngettext("%(num)d hour", "%(num)d hours", hours)
    return language.ngettext("%(num)d minute", "%(num)d minutes", minutes)


def _kept(language: Language, basis: Mapping[str, int], currency: str) -> list[str]:
    said = []
    if basis["fixed_cents"]:
        amount = language.money(basis["fixed_cents"], currency)
        said.append(language.gettext("%(amount)s are kept in any case.", amount=amount))
    if basis["late_add_ons_cents"]:
        amount = language.money(basis["late_add_ons_cents"], currency)
        said.append(language.gettext("%(amount)s are for add-ons that can no longer be given back.", amount=amount))
    return said


def _card(language: Language, payment: Payment) -> str:
    day = language.date_medium(payment.captured_at.astimezone(language.zone).date())
    if payment.card_last4:
        return language.gettext("To the card ending in %(last4)s, paid on %(day)s", last4=payment.card_last4, day=day)
    return language.gettext("To where you paid from on %(day)s", day=day)
