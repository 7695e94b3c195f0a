"""Asking for a lost link. The web does the same work for every address: it owes one effect and looks nothing up."""

from uuid import UUID

from portal.bookings import by_address
from portal.bookings import queries as bookings
from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.ids import uuid7


def request_links(tenant_id: UUID, address: str) -> None:
    """Owe a mail with the links of an address, if it turns out to have booked."""
    with database.writing(tenant_id):
        outbox.owe("address.links_requested", tenant_id, payload={"digest": by_address.digest(address)})


def request_links_of_reference(reference: str, address: str) -> None:
    """The same from somebody who names a booking instead of a business; an invented one costs as much as a real one."""
    with database.reading():
        tenant_id = bookings.tenant_of(reference)
    if tenant_id is not None:
        request_links(tenant_id, address)
        return
    with database.writing(), platform_scope(reason="a request that leads nowhere"):
        outbox.owe("address.links_requested", uuid7(), payload={"digest": by_address.digest(address)})


def request_link(tenant_id: UUID, booking_id: UUID, token_id: UUID) -> None:
    """Owe a new link in the place of one that ended, to the address that the old one was sent to."""
    with database.writing(tenant_id):
        outbox.owe("booking.link_requested", booking_id, payload={"token_id": str(token_id)})
