"""Taking a cancellation back within its time: the booking is confirmed again, as if nothing had been asked.

A couple takes back its own cancellation; the business takes back either.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal.bookings import quotes
from portal.bookings import service as bookings
from portal.bookings.states import Actor, BookingStatus, QuoteStatus
from portal.db import database, outbox
from portal.kernel.errors import Conflict
from portal.kernel.text import N_

_TOO_LATE = N_("The time to undo this is over: the booking is cancelled, and nothing was changed now.")


class NotUndoable(Conflict):
    """There is no cancellation that this person could take back now; the sentence says how the booking stands."""

    code = "not_undoable"


class Cancellable(Protocol):
    """What a booking says of its cancellation."""

    @property
    def status(self) -> str: ...
    @property
    def cancel_undo_until(self) -> datetime | None: ...
    @property
    def cancel_actor(self) -> str | None: ...


def refusal(booking: Cancellable, *, actor: Actor, at: datetime) -> NotUndoable | None:
    """Why this person cannot take a cancellation back now, or nothing."""
    if booking.status == BookingStatus.CANCELLED:
        return NotUndoable(_TOO_LATE)
    if booking.status != BookingStatus.CANCELLING or booking.cancel_undo_until is None:
        return NotUndoable(N_("This booking is not being cancelled, so there was nothing to undo."))
    if at >= booking.cancel_undo_until:
        return NotUndoable(_TOO_LATE)
    if actor is Actor.COUPLE and booking.cancel_actor != Actor.COUPLE:
        return NotUndoable(N_("The business has cancelled this booking. Please write to them."))
    return None


def undo(tenant_id: UUID, booking_id: UUID, *, actor: Actor, at: datetime, user_id: UUID | None = None) -> None:
    """Take a cancellation back. Raises NotUndoable."""
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        if refused := refusal(booking, actor=actor, at=at):
            raise refused
        quote = quotes.confirmed(tenant_id, booking_id)
        assert quote is not None  # noqa: S101  a booking is only being cancelled by one
        bookings.transition(
            tenant_id,
            booking_id,
            frm=BookingStatus.CANCELLING,
            to=BookingStatus.CONFIRMED,
            at=at,
            actor=actor,
            user_id=user_id,
            kind="cancellation_undone",
        )
        database.execute(
            "UPDATE booking SET cancel_requested_at = NULL, cancel_undo_until = NULL, cancel_actor = NULL,"
            " cancel_reason = '', cancel_refund_cents = NULL WHERE tenant_id = %s AND id = %s",
            tenant_id,
            booking_id,
        )
        quotes.end(tenant_id, quote.id, to=QuoteStatus.LAPSED, at=at)
        outbox.owe(
            "booking.cancellation_undone",
            booking_id,
            payload={"quote_id": str(quote.id), "actor": actor.value},
            dedupe_key=f"booking.cancellation_undone:{quote.id}",
        )
