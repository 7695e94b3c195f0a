"""Which mails a waiting list leads to. Called by the worker; running twice owes nothing twice."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database, outbox
from portal.lifecycle import waiting_list
from portal.messages import service
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind

JOINED_AN_HOUR = 3
_ONCE = "once"


def joined(tenant_id: UUID, entry_id: UUID, *, slot: str, at: datetime) -> None:
    """Somebody joined, or asked again: the link to leave. Each time, but nobody is buried in them."""
    with database.writing(tenant_id):
        to = _to(tenant_id, entry_id)
        since = at - timedelta(hours=1)
        kind = MessageKind.WAITLIST_JOINED
        if to and service.count_recent(tenant_id, to[0].recipient, kind, since=since) < JOINED_AN_HOUR:
            service.owe(tenant_id, entry_id, kind, slot=slot, to=to, at=at)


def offered(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """The date is kept: the link to book it. An entry is offered once."""
    with database.writing(tenant_id):
        to = _to(tenant_id, entry_id)
        service.owe(tenant_id, entry_id, MessageKind.WAITLIST_OFFER, slot=_ONCE, to=to, at=at)


def ended(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """It is not kept any more."""
    with database.writing(tenant_id):
        to = _to(tenant_id, entry_id)
        service.owe(tenant_id, entry_id, MessageKind.WAITLIST_ENDED, slot=_ONCE, to=to, at=at)


def unreachable(tenant_id: UUID, entry_id: UUID) -> None:
    """An address takes no mail: nothing is kept for whoever gave it."""
    with database.writing(tenant_id):
        outbox.owe("waitlist.unreachable", entry_id)


def _to(tenant_id: UUID, entry_id: UUID) -> list[Addressed]:
    entry = waiting_list.by_id(tenant_id, entry_id)
    return [Addressed(entry.email, Audience.COUPLE)] if entry else []
