"""A booking's own terms applied to its own money: what a cancellation gives back now, and how that falls over time.

The timeline that a couple reads, a quote and the cancellation itself all ask here.
"""

from datetime import datetime

from portal.bookings.policy import refund as formula
from portal.bookings.policy import timeline
from portal.bookings.policy.refund import Amounts, Paid, Refund, Sold
from portal.bookings.policy.timeline import Step
from portal.bookings.queries import BookingView
from portal.kernel import time
from portal.lifecycle.overview import Overview


def refund_of(booking: BookingView, account: Overview, *, zone: str, at: datetime) -> Refund:
    """What a cancellation at an instant gives back, payment by payment. ``zone`` is the tenant's."""
    return formula.refund(
        booking.policy.cancellation, sold(booking, account, zone), payments(account), on=time.today(zone, at)
    )


def steps_of(booking: BookingView, account: Overview, *, zone: str, at: datetime) -> tuple[Step, ...]:
    """Until when a cancellation gives how much of what was paid so far back, from now on."""
    return _steps(booking, account, captured_cents(account), zone, at)


def steps_when_paid(booking: BookingView, account: Overview, *, zone: str, at: datetime) -> tuple[Step, ...]:
    """The same once everything that is open is paid as well."""
    return _steps(booking, account, captured_cents(account) + account.open_cents, zone, at)


def captured_cents(account: Overview) -> int:
    """What was captured, has not been given back and was not taken by a dispute."""
    return sum(paid.left_cents for paid in payments(account))


def payments(account: Overview) -> list[Paid]:
    """The payments as the formula takes them."""
    return [Paid(each.id, max(each.left_cents, 0), each.captured_at) for each in account.payments]


def sold(booking: BookingView, account: Overview, zone: str) -> Sold:
    """The booking as the formula takes it. A cooling-off period counts from the day the terms were accepted.

    What was kept without paying first was booked only by the payment.
    """
    booked_at = (booking.confirmed_at if booking.is_courtesy else None) or booking.terms_accepted_at
    add_ons = sum(line.gross_cents for line in account.lines if line.add_on_id)
    return Sold(
        Amounts(booking.total_cents, add_ons, booking.policy.deposit_cents),
        booking.event_on,
        time.today(zone, booked_at),
    )


def _steps(booking: BookingView, account: Overview, captured: int, zone: str, at: datetime) -> tuple[Step, ...]:
    return timeline.steps(
        booking.policy.cancellation, sold(booking, account, zone), captured, today=time.today(zone, at)
    )
