"""The business sends a couple its link again, from the booking's page: to the addresses on file and nowhere else.

It never learns the link. However often the button is pressed within a minute, one mail goes to each address.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import queries, service
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, BookingStatus
from portal.bookings.tokens import ends_at
from portal.db import database
from portal.kernel.errors import Conflict
from portal.kernel.text import N_
from portal.messages import recipients
from portal.messages import service as messages
from portal.messages.plans import LINKS_AN_HOUR
from portal.messages.states import MessageKind


def may_resend(booking: BookingView, timezone: str, *, at: datetime) -> bool:
    """Whether a link would open anything: not of a hold that ran out, and not long after the day."""
    return booking.status is not BookingStatus.EXPIRED and at < ends_at(booking.event_on, booking.days, timezone)


def resend(tenant_id: UUID, booking_id: UUID, *, user_id: UUID | None, timezone: str, at: datetime) -> list[str]:
    """Owe the link to each of the couple's addresses; those addresses. Raises Conflict with how it stands."""
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        booking = queries.by_id(tenant_id, booking_id)
        if not may_resend(booking, timezone, at=at):
            raise Conflict(N_("This booking is over, so its link would open nothing any more."))
        since = at - timedelta(hours=1)
        to = [
            each
            for each in recipients.couple(booking)
            if messages.count_recent(tenant_id, each.recipient, MessageKind.MANAGE_LINK, since=since) < LINKS_AN_HOUR
        ]
        if not to:
            raise Conflict(N_("The link was sent three times within the last hour. Please ask them to look in spam."))
        slot = f"resend-{at:%Y-%m-%dT%H:%M}"
        if messages.owe(tenant_id, booking_id, MessageKind.MANAGE_LINK, slot=slot, to=to, at=at):
            details = {"label": ", ".join(each.recipient for each in to)}
            service.note_event(
                tenant_id, booking_id, at=at, actor=Actor.OWNER, kind="link_resent", user_id=user_id, details=details
            )
        return [each.recipient for each in to]
