"""A hold and the offer of a waiting list that it uses: who waited and holds the link takes the days over.

Runs inside the transactions of ``hold``, ``release`` and ``fulfil``. Only the very date and package that were offered
can be taken this way: with another the day is taken, as it is for everybody else.
"""

from datetime import datetime
from uuid import UUID

from portal.availability import waitlist
from portal.bookings.models import Booking
from portal.bookings.states import BookingStatus
from portal.db import outbox
from portal.lifecycle import hold_terms
from portal.lifecycle.hold_terms import Terms


def usable(terms: Terms, links: tuple[UUID, ...], *, booking_id: UUID | None = None, at: datetime) -> UUID | None:
    """The offer that a form can use: one of its browser's, or the one that its booking came from."""
    if not links and booking_id is None:
        return None
    agreement = terms.agreement
    return waitlist.offered_to(
        agreement.tenant.id,
        links,
        booking_id=booking_id,
        package_id=agreement.package.id,
        event_on=terms.event_on,
        at=at,
    )


def claim(terms: Terms, booking_id: UUID, links: tuple[UUID, ...], *, is_new: bool, at: datetime) -> None:
    """Make the booking own exactly the days of its wish, as a hold. Raises DateTaken."""
    tenant_id = terms.agreement.tenant.id
    entry_id = usable(terms, links, booking_id=None if is_new else booking_id, at=at)
    hold_terms.claim(terms, booking_id, waitlist_id=entry_id)
    if entry_id is not None:
        waitlist.take(tenant_id, entry_id, booking_id, at=at)
    if not is_new:
        waitlist.leave_by(tenant_id, booking_id, but=entry_id)


def refuse_if_taken(terms: Terms, booking_id: UUID, links: tuple[UUID, ...], *, at: datetime) -> None:
    """A look before something is given up for the date. Raises DateTaken."""
    entry_id = usable(terms, links, booking_id=booking_id, at=at)
    hold_terms.refuse_if_taken(terms, booking_id, waitlist_id=entry_id)


def give_back(booking: Booking, *, at: datetime) -> None:
    """A hold ran out: before its days are freed, those of an offer that still lasts go back to it."""
    ended = waitlist.give_back(booking.tenant_id, booking.id, at=at)
    if ended is not None and not booking.is_courtesy:  # that mail has its own words
        outbox.owe("waitlist.ended", ended)


def used_late(booking: Booking, *, at: datetime) -> UUID | None:
    """The offer that an expired booking's days went back to: its payment came after all."""
    if booking.status != BookingStatus.EXPIRED:
        return None
    entry_id = waitlist.returned_by(booking.tenant_id, booking.id)
    if entry_id is not None:
        waitlist.take(booking.tenant_id, entry_id, booking.id, at=at)
    return entry_id
