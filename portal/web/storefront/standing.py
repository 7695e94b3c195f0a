"""How a booking stands for somebody who comes back from Stripe, in one word. Pure.

Only what is stored is told: this never asks Stripe and never fulfils a payment.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.lifecycle.overview import Overview
from portal.payments.attempts import CheckoutView
from portal.payments.states import CheckoutStatus


class Standing(StrEnum):
    """What the page says."""

    WAITING = "waiting"  # the couple has just come back; word from Stripe is on its way
    PROCESSING = "processing"  # a way of paying that takes days
    CONFIRMED = "confirmed"
    REVIEW = "review"  # money came that does not fit; a person looks at it
    REFUNDED = "refunded"
    EXPIRED = "expired"
    UNPAID = "unpaid"
    KEPT = "kept"  # for some days, without paying
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # to a stranger


_CERTAIN = {
    BookingStatus.CONFIRMED: Standing.CONFIRMED,
    BookingStatus.COMPLETED: Standing.CONFIRMED,
    BookingStatus.CANCELLING: Standing.CANCELLED,
    BookingStatus.CANCELLED: Standing.CANCELLED,
}


def standing_of(
    booking: BookingView,
    tries: Sequence[CheckoutView],
    account: Overview,
    *,
    returned_from: CheckoutView | None,
    at: datetime,
) -> Standing:
    """The standing of a booking; ``returned_from`` is the attempt whose session the address names."""
    if booking.status in _CERTAIN:
        return _CERTAIN[booking.status]
    if booking.needs_review:
        return Standing.REVIEW
    if any(each.status is CheckoutStatus.PROCESSING for each in tries):
        return Standing.PROCESSING
    if account.refunds:
        return Standing.REFUNDED
    if _is_paid(tries, account) or _is_expected(returned_from):
        return Standing.WAITING
    return _unpaid(booking, at)


def _unpaid(booking: BookingView, at: datetime) -> Standing:
    if booking.status is not BookingStatus.HELD or booking.hold_expires_at is None or booking.hold_expires_at <= at:
        return Standing.EXPIRED
    return Standing.KEPT if booking.is_courtesy else Standing.UNPAID


def _is_paid(tries: Sequence[CheckoutView], account: Overview) -> bool:
    """Whether money has come that the booking does not show yet."""
    return account.received_cents > 0 or bool(tries and tries[0].status is CheckoutStatus.PAID)


def _is_expected(returned_from: CheckoutView | None) -> bool:
    """Whether somebody has just come back from a session of which we have not heard yet."""
    return returned_from is not None and returned_from.status in {CheckoutStatus.CREATING, CheckoutStatus.OPEN}
