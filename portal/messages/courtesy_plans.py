"""Which messages a date kept without paying leads to. Called by the worker; running twice owes nothing twice."""

from datetime import date, datetime, timedelta
from uuid import UUID

from portal.bookings import queries as bookings
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.db import database
from portal.kernel import time
from portal.messages import recipients, service
from portal.messages.states import MessageKind
from portal.tenants import queries as tenants

# Anybody can keep a date under somebody else's address, and give it back, and keep it.
KEPT_AN_HOUR = 3
_ENDED = "ended"


def held(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """It is kept, until when, and the link that it is paid or given back with."""
    with database.writing(tenant_id):
        since, kind = at - timedelta(hours=1), MessageKind.COURTESY_HELD
        for to in recipients.couple(bookings.by_id(tenant_id, booking_id)):
            if service.count_recent(tenant_id, to.recipient, kind, since=since) < KEPT_AN_HOUR:
                service.owe(tenant_id, booking_id, kind, slot=slot, to=[to], at=at)


def ends_soon(tenant_id: UUID, booking_id: UUID, *, last_on: date, at: datetime) -> None:
    """It ends tomorrow, unless its end is another one by now."""
    with database.writing(tenant_id):
        booking = bookings.by_id(tenant_id, booking_id)
        if _last_day(booking, tenants.get(tenant_id).timezone) == last_on:
            to, kind = recipients.couple(booking), MessageKind.COURTESY_ENDS
            service.owe(tenant_id, booking_id, kind, slot=last_on.isoformat(), to=to, at=at)


def challenged(tenant_id: UUID, booking_id: UUID, *, slot: str, at: datetime) -> None:
    """Somebody else asks for the date."""
    with database.writing(tenant_id):
        to = recipients.couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.CHALLENGED, slot=slot, to=to, at=at)


def ended(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> None:
    """Its time is over."""
    with database.writing(tenant_id):
        to = recipients.couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.COURTESY_ENDED, slot=_ENDED, to=to, at=at)


def _last_day(booking: BookingView, zone: str) -> date | None:
    if booking.status is not BookingStatus.HELD or booking.courtesy_until is None:
        return None
    return time.today(zone, booking.courtesy_until)
