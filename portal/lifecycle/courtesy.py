"""A date that is kept for a couple without paying: somebody else asks for it, or its couple gives it back.

Law: what was promised is kept. A challenge leaves 48 hours, or less if less was left; a session to pay that is open
outlasts both (``payments.preparing``). It ends as any hold does (``release``), and a payment confirms it as any.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal.availability import service as dates
from portal.availability import waitlist
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.policy import courtesy as rules
from portal.bookings.states import Actor, BookingStatus
from portal.db import database, outbox
from portal.kernel.errors import Busy, Conflict, Unavailable
from portal.kernel.text import N_
from portal.lifecycle import courtesy_terms
from portal.lifecycle.settle import settle
from portal.payments import attempts, checkouts
from portal.payments import service as stages
from portal.payments.gateway import GatewayError
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus

_ROUNDS = 4
_NOT_THIS_ONE = {
    BookingStatus.EXPIRED: N_("The date was given back already: its time had run out. Nothing was charged."),
    BookingStatus.CANCELLED: N_("The date was given back already. Nothing was charged."),
}
_BOOKED = N_("Your payment has arrived, so the date is booked. It was not given back.")
_UNPAID = N_("This date is held while you pay. If no payment comes, it is free again by itself.")
_ON_ITS_WAY = N_("Your payment is on its way, so the date was not given back. Your bank needs some days for it.")


class Kept(Protocol):
    """What a booking says of its being kept."""

    @property
    def status(self) -> str: ...
    @property
    def is_courtesy(self) -> bool: ...


class NotReleasable(Conflict):
    """There is nothing to give back now; the sentence says how the booking stands."""

    code = "not_releasable"


def challenge(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> datetime | None:
    """Somebody else asks for the date: its couple has 48 hours left, or less if it had less. Until when; None when the
    date is not kept by courtesy (any more). Asking again changes nothing.
    """
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        if booking.status != BookingStatus.HELD or not booking.is_courtesy or kept_until(booking) <= at:
            return None
        if booking.challenged_at is not None:
            return kept_until(booking)
        latest = (at + rules.AFTER_CHALLENGE).replace(microsecond=0)
        until = min(kept_until(booking), latest)
        database.execute(
            "UPDATE booking SET challenged_at = %s, courtesy_until = least(courtesy_until, %s), hold_expires_at = %s,"
            " version = version + 1 WHERE tenant_id = %s AND id = %s",
            at,
            latest,
            until,
            tenant_id,
            booking_id,
        )
        details = {"until": until.isoformat()}
        bookings.note_event(tenant_id, booking_id, at=at, actor=Actor.SYSTEM, kind="challenged", details=details)
        outbox.owe("booking.challenged", booking_id)
        courtesy_terms.owe_reminder(tenant_id, booking_id, until, at=at)
        return until


def release(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """Its couple gives the date back. Ends open sessions at Stripe first, so no transaction may be open.

    Raises NotReleasable when a payment was faster or nothing is kept, Unavailable while Stripe cannot be asked, Busy.
    """
    for _ in range(_ROUNDS):
        if _give_back(tenant_id, booking_id, at):
            return
        try:
            for checkout_id in checkouts.expire_sessions(tenant_id, booking_id, at=at):
                settle(tenant_id, checkout_id, at=at)
        except GatewayError as error:
            raise Unavailable(
                N_("The payment page did not answer, so nothing was changed: the date is still kept. Please try again.")
            ) from error
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def kept_until(booking: Booking) -> datetime:
    """Until when a held date is its couple's, an open session to pay included."""
    until: datetime = booking.hold_expires_at
    return until


def refusal(booking: Kept, tries: list[CheckoutStatus]) -> NotReleasable | None:
    """Why a date cannot be given back now, or nothing."""
    if booking.status != BookingStatus.HELD:
        return NotReleasable(_NOT_THIS_ONE.get(BookingStatus(booking.status), _BOOKED))
    if not booking.is_courtesy:
        return NotReleasable(_UNPAID)
    return NotReleasable(_ON_ITS_WAY) if CheckoutStatus.PROCESSING in tries else None


def _give_back(tenant_id: UUID, booking_id: UUID, at: datetime) -> bool:
    """Whether it is given back; not while a session could still be paid."""
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        tries = [each.status for each in attempts.of_booking(tenant_id, booking_id)]
        if refused := refusal(booking, tries):
            raise refused
        if LIVE_CHECKOUTS & set(tries):
            return False
        bookings.transition(
            tenant_id,
            booking_id,
            frm=BookingStatus.HELD,
            to=BookingStatus.CANCELLED,
            at=at,
            actor=Actor.COUPLE,
            kind="released",
        )
        stages.void_stages(tenant_id, booking_id)
        waitlist.leave_by(tenant_id, booking_id, but=None)
        dates.release_days(tenant_id, booking_id=booking_id)
        return True
