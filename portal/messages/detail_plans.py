"""Which messages a couple's own changes lead to, and to whom. Called by the worker; running twice owes nothing twice.

A new address gets nothing but the question whether it is theirs, until it has said yes.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import address_changes
from portal.bookings import queries as bookings
from portal.db import database
from portal.messages import notices, recipients, service
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind

ASKED_AN_HOUR = 3


def details_changed(tenant_id: UUID, booking_id: UUID, *, version: int, at: datetime) -> None:
    """The couple has changed something: the business hears of it."""
    with database.writing(tenant_id):
        notices.tell(tenant_id, booking_id, MessageKind.DETAILS_CHANGED, slot=str(version), at=at)


def price_changed(tenant_id: UUID, booking_id: UUID, *, version: int, at: datetime) -> None:
    """The price is another now: the couple has it in writing."""
    with database.writing(tenant_id):
        to = recipients.couple(bookings.by_id(tenant_id, booking_id))
        service.owe(tenant_id, booking_id, MessageKind.PRICE_CHANGED, slot=str(version), to=to, at=at)


def address_asked(tenant_id: UUID, booking_id: UUID, *, change_id: UUID, at: datetime) -> None:
    """Ask a new address. The web counts requests per process; this is the limit that holds for the installation."""
    with database.writing(tenant_id):
        change = address_changes.load(tenant_id, booking_id, change_id)
        if change is None or change.new_address is None:
            return
        asked, kind = change.new_address, MessageKind.EMAIL_CONFIRM
        if service.count_recent(tenant_id, asked, kind, since=at - timedelta(hours=1)) < ASKED_AN_HOUR:
            to = [Addressed(asked, Audience.COUPLE)]
            service.owe(tenant_id, booking_id, kind, slot=str(change_id), to=to, at=at)


def address_changed(tenant_id: UUID, booking_id: UUID, *, change_id: UUID, at: datetime) -> None:
    """Tell the address that gave way, and send new links where the old ones have ended.

    One that was only added took nothing from anybody: the first address hears of it, and the new one gets a link.
    """
    with database.writing(tenant_id):
        change = address_changes.load(tenant_id, booking_id, change_id)
        if change is None:
            return
        couple, slot = recipients.couple(bookings.by_id(tenant_id, booking_id)), str(change_id)
        if change.old_address is not None:
            told, links = [Addressed(change.old_address, Audience.COUPLE)], couple
        else:
            links = [each for each in couple if each.recipient == change.new_address]
            told = [each for each in couple if each not in links]
        service.owe(tenant_id, booking_id, MessageKind.EMAIL_CHANGED, slot=slot, to=told, at=at)
        service.owe(tenant_id, booking_id, MessageKind.NEW_LINK, slot=slot, to=links, at=at)
