"""The end of the time to undo: the booking is cancelled, its date is free, and what was fixed goes back.

Law: no money can come unseen for a date that is free again. Open sessions are ended at Stripe first; what is being
processed by a bank, or captured later, goes back in full when it comes (``fulfil``).
"""

from datetime import datetime
from uuid import UUID

from portal.availability import service as dates
from portal.bookings import quotes
from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus, QuoteStatus
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Busy
from portal.kernel.text import N_
from portal.lifecycle import returns, sessions, sweeping
from portal.payments import attempts
from portal.payments import service as stages
from portal.payments.states import CheckoutStatus

_AT_ONCE = 200
_PAYABLE = {CheckoutStatus.CREATING, CheckoutStatus.OPEN}
_GIVEN_UP = {BookingStatus.CANCELLING, BookingStatus.CANCELLED}


def finish_due(at: datetime) -> int:
    """Finish every cancellation whose time to undo is over, of all tenants; how many bookings that were."""
    with database.reading(), platform_scope(reason="cancellations of all tenants become final"):
        due = database.rows(
            "SELECT tenant_id, id FROM booking WHERE status = 'cancelling' AND cancel_undo_until <= %s"
            " ORDER BY cancel_undo_until LIMIT %s",
            at,
            _AT_ONCE,
        )
    return sum(_try(row.tenant_id, row.id, at) for row in due)


def finish(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> bool:
    """Make a cancellation final once it cannot be undone any more; whether it was this call that did.

    Raises GatewayError while Stripe cannot say what became of an attempt to pay; everything stays as it is then.
    """
    with database.reading(tenant_id):
        if not _is_over(tenant_id, booking_id, at):
            return False
    sessions.end_all(tenant_id, booking_id, at=at)
    with database.writing(tenant_id):
        bookings.lock(tenant_id, booking_id)
        if not _is_over(tenant_id, booking_id, at):
            return False
        if any(each.status in _PAYABLE for each in attempts.of_booking(tenant_id, booking_id)):
            raise Busy(N_("Somebody else is changing this right now. Please try again."))
        _end(tenant_id, booking_id, at)
    return True


def end_sessions(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """Nobody shall pay for what is being given up. A cancellation that was undone meanwhile needs nothing."""
    with database.reading(tenant_id):
        status = database.value("SELECT status FROM booking WHERE tenant_id = %s AND id = %s", tenant_id, booking_id)
    if status in _GIVEN_UP:
        sessions.end_all(tenant_id, booking_id, at=at)


def _end(tenant_id: UUID, booking_id: UUID, at: datetime) -> None:
    quote = quotes.confirmed(tenant_id, booking_id)
    assert quote is not None  # noqa: S101  a booking is only being cancelled by one
    bookings.transition(
        tenant_id,
        booking_id,
        frm=BookingStatus.CANCELLING,
        to=BookingStatus.CANCELLED,
        at=at,
        actor=Actor.SYSTEM,
        kind="cancelled",
    )
    stages.void_stages(tenant_id, booking_id)
    dates.release_days(tenant_id, booking_id=booking_id)
    returns.give_back_as_shown(tenant_id, quote, at=at)
    quotes.end(tenant_id, quote.id, to=QuoteStatus.DONE, at=at)
    outbox.owe(
        "booking.cancelled",
        booking_id,
        payload={"quote_id": str(quote.id)},
        dedupe_key=f"booking.cancelled:{quote.id}",
    )


def _is_over(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return bool(
        database.value(
            "SELECT 1 FROM booking WHERE tenant_id = %s AND id = %s AND status = 'cancelling'"
            " AND cancel_undo_until <= %s",
            tenant_id,
            booking_id,
            at,
        )
    )


def _try(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    return sweeping.attempt(
        lambda: finish(tenant_id, booking_id, at=at), otherwise=False, stays=f"booking {booking_id} stays cancelling"
    )
