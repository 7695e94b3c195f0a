"""To whom a mail about a booking goes."""

from uuid import UUID

from portal.bookings.queries import BookingView
from portal.messages.service import Addressed
from portal.messages.states import Audience
from portal.tenants import queries as tenants


def couple(booking: BookingView) -> list[Addressed]:
    """Each address of the couple once, even when both partners wrote the same."""
    unique: dict[str, str] = {}
    for address in (booking.email, booking.second_email):
        if address:
            unique.setdefault(address.lower(), address)
    return [Addressed(address, Audience.COUPLE) for address in unique.values()]


def business(tenant_id: UUID) -> list[Addressed]:
    """Where the business reads its mail."""
    return [Addressed(tenants.get(tenant_id).contact_email, Audience.OWNER)]
