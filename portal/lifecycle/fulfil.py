"""What a payment that equals its sale pays: stages, and with the first of them the booking itself, or its new date.

Says why money has to go back instead when nobody owes it any more. Runs inside ``settle``'s transaction.
"""

from datetime import datetime
from uuid import UUID

from portal.availability import service as dates
from portal.availability.rules import span
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.states import Actor, BookingStatus
from portal.db import database, outbox
from portal.kernel.errors import DateTaken
from portal.lifecycle import hold_offer, move_steps
from portal.payments import attempts, captures
from portal.payments.attempts import CheckoutView
from portal.payments.preparing import MOVE
from portal.payments.states import RefundReason

_GIVEN_UP = {BookingStatus.CANCELLING, BookingStatus.CANCELLED}
_WAITING = {BookingStatus.HELD, BookingStatus.EXPIRED}


def fulfil(booking: Booking, checkout: CheckoutView, payment_id: UUID, *, at: datetime) -> RefundReason | None:
    """Let a payment pay what it was sold for; None, or why it cannot."""
    tenant_id = checkout.tenant_id
    amounts = attempts.sold_stages(tenant_id, checkout.id)
    if checkout.purpose == MOVE:
        return move_steps.paid(booking, amounts, payment_id, at=at)
    if booking.status in _GIVEN_UP:
        return RefundReason.NOT_OWED
    if not captures.are_open(tenant_id, amounts):
        return RefundReason.DUPLICATE if captures.is_paid(tenant_id, amounts) else RefundReason.NOT_OWED
    if booking.status in _WAITING and not _take_days(booking, at):
        return RefundReason.DATE_TAKEN
    captures.allocate(tenant_id, payment_id, amounts)
    if booking.status in _WAITING:
        _confirm(booking, at)
    else:
        payload, key = {"payment_id": str(payment_id)}, f"booking.stages_paid:{payment_id}"
        outbox.owe("booking.stages_paid", booking.id, payload=payload, dedupe_key=key)
    return None


def _take_days(booking: Booking, at: datetime) -> bool:
    """Make the booking's days its own for good; whether none of them was taken by somebody else meanwhile."""
    days = span(booking.event_on, booking.days, booking.buffer_days)
    try:
        with database.savepoint():
            dates.claim_days(
                booking.tenant_id,
                resource_id=booking.resource_id,
                booking_id=booking.id,
                kinds=days.confirmed(),
                waitlist_id=hold_offer.used_late(booking, at=at),
            )
    except DateTaken:
        return False
    return True


def _confirm(booking: Booking, at: datetime) -> None:
    bookings.transition(
        booking.tenant_id,
        booking.id,
        frm=BookingStatus(booking.status),
        to=BookingStatus.CONFIRMED,
        at=at,
        actor=Actor.STRIPE,
        kind="confirmed",
    )
    outbox.owe("booking.confirmed", booking.id, dedupe_key=f"booking.confirmed:{booking.id}")
