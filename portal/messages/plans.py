"""Which messages an event leads to, and to whom. Called by the worker; running twice owes nothing twice."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import by_address, quotes, tokens
from portal.bookings import queries as bookings
from portal.bookings.states import Actor
from portal.db import database
from portal.messages import notices, reviews, service
from portal.messages.recipients import couple
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.tenants import queries as tenants

LINKS_AN_HOUR = 3
_CONFIRMED, _REBOOKED = "confirmed", "rebooked"


def booking_confirmed(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """The couple's confirmation to each of their addresses, and the business's notice."""
    with database.writing(tenant_id):
        booking = bookings.by_id(tenant_id, booking_id)
        service.owe(tenant_id, booking_id, MessageKind.CONFIRMATION, slot=_CONFIRMED, to=couple(booking), at=at)
        notices.tell(tenant_id, booking_id, MessageKind.NEW_BOOKING, slot=_CONFIRMED, at=at)


def payment_returned(tenant_id: UUID, booking_id: UUID, *, refund_request_id: UUID, at: datetime) -> None:
    """The apology: the date was gone, the money comes back."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.PAYMENT_RETURNED, slot=str(refund_request_id), to=to, at=at)


def payment_sent_back(tenant_id: UUID, booking_id: UUID, *, refund_request_id: UUID, at: datetime) -> None:
    """A payment that was made already, or that nobody owed any more, comes back."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.PAYMENT_SENT_BACK, slot=str(refund_request_id), to=to, at=at)


def needs_review(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """Something about a booking waits for a person; of a dispute alone the business hears in a notice of its own."""
    with database.writing(tenant_id):
        if not reviews.is_dispute_alone(bookings.by_id(tenant_id, booking_id).review_reason):
            notices.tell(tenant_id, booking_id, MessageKind.NEEDS_REVIEW, slot=slot, at=at)


def payment_failed(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """A slow way of paying did not work out."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.PAYMENT_FAILED, slot=slot, to=to, at=at)


def stages_paid(tenant_id: UUID, booking_id: UUID, *, payment_id: UUID, at: datetime) -> None:
    """A further payment arrived: a receipt to each of the couple's addresses, and the business's notice."""
    with database.writing(tenant_id):
        to, slot = couple(bookings.by_id(tenant_id, booking_id)), str(payment_id)
        service.owe(tenant_id, booking_id, MessageKind.PAYMENT_RECEIVED, slot=slot, to=to, at=at)
        notices.tell(tenant_id, booking_id, MessageKind.COUPLE_PAID, slot=slot, at=at)


def cancelling(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """A cancellation was confirmed: the couple hears until when it can be undone, the business that it was asked."""
    with database.writing(tenant_id):
        booking = bookings.by_id(tenant_id, booking_id)
        if booking.cancel_undo_until != booking.cancel_requested_at:
            service.owe(tenant_id, booking_id, MessageKind.CANCELLING, slot=slot, to=couple(booking), at=at)
        if booking.cancel_actor is Actor.COUPLE:
            notices.tell(tenant_id, booking_id, MessageKind.COUPLE_CANCELS, slot=slot, at=at)


def cancelled(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """It is final."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.CANCELLED, slot=slot, to=to, at=at)


def rebooked(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """The date was sold again, and its couple gets a further share back."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.REBOOKED, slot=_REBOOKED, to=to, at=at)


def cancellation_undone(tenant_id: UUID, booking_id: UUID, *, slot: str, actor: Actor, at: datetime) -> None:
    """It was taken back; the business hears of what the couple did."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.CANCELLATION_UNDONE, slot=slot, to=to, at=at)
        if actor is Actor.COUPLE:
            notices.tell(tenant_id, booking_id, MessageKind.COUPLE_STAYS, slot=slot, at=at)


def moved(tenant_id: UUID, booking_id: UUID, *, quote_id: UUID, at: datetime) -> None:
    """The date has moved: the couple hears of it, and the business when it was not its own doing."""
    with database.writing(tenant_id):
        booking, quote = bookings.by_id(tenant_id, booking_id), quotes.load(tenant_id, booking_id, quote_id)
        slot = str(quote_id)
        service.owe(tenant_id, booking_id, MessageKind.MOVED, slot=slot, to=couple(booking), at=at)
        if quote is not None and quote.actor is Actor.COUPLE:
            notices.tell(tenant_id, booking_id, MessageKind.COUPLE_MOVED, slot=slot, at=at)


def move_lapsed(tenant_id: UUID, booking_id: UUID, *, quote_id: UUID, at: datetime) -> None:
    """A move was not paid in time, and everything stays."""
    with database.writing(tenant_id):
        to = couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.MOVE_LAPSED, slot=str(quote_id), to=to, at=at)


def refund_failed(tenant_id: UUID, refund_request_id: UUID, *, at: datetime) -> None:
    """The business must look after a refund."""
    with database.writing(tenant_id):
        booking_id = database.value(
            "SELECT booking_id FROM refund_request WHERE tenant_id = %s AND id = %s", tenant_id, refund_request_id
        )
        if booking_id is not None:
            notices.tell(tenant_id, booking_id, MessageKind.REFUND_FAILED, slot=str(refund_request_id), at=at)


def link_requested(tenant_id: UUID, booking_id: UUID, *, token_id: UUID | None, slot: str, at: datetime) -> None:
    """The couple's link again; to the address that an ended link was sent to, if it is still on file."""
    with database.writing(tenant_id):
        on_file = couple(bookings.by_id(tenant_id, booking_id))
        address = database.value(
            "SELECT recipient FROM booking_action_token WHERE tenant_id = %s AND id = %s", tenant_id, token_id
        )
        wanted = [each for each in on_file if each.recipient == address] or on_file[:1]
        _owe_link(tenant_id, booking_id, wanted[0], slot=slot, at=at)


def links_requested(tenant_id: UUID, digest: str, *, slot: str, at: datetime) -> None:
    """The links of everything that was booked with an address, if anything was: one mail."""
    with database.writing(tenant_id):
        alive = tenants.get(tenant_id).today(at) - tokens.LIVES_AFTER_EVENT + timedelta(days=1)
        found = by_address.with_digest(tenant_id, digest, not_before=alive)
        if found:
            to = Addressed(found[0].address, Audience.COUPLE)
            _owe_link(tenant_id, found[0].booking_id, to, slot=slot, at=at)


def _owe_link(tenant_id: UUID, booking_id: UUID, to: Addressed, *, slot: str, at: datetime) -> None:
    """The web counts requests per process; this is the limit that holds for the installation."""
    since = at - timedelta(hours=1)
    if service.count_recent(tenant_id, to.recipient, MessageKind.MANAGE_LINK, since=since) < LINKS_AN_HOUR:
        service.owe(tenant_id, booking_id, MessageKind.MANAGE_LINK, slot=slot, to=[to], at=at)
