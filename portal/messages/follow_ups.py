"""Who wants nothing after the event: the secret link in each such mail, and what it stops.

Opening the link changes nothing. It stops one kind of mail from one business to one address, and no receipt ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database, tenancy
from portal.db.insert import insert
from portal.kernel import tokens
from portal.kernel.errors import NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.messages import reminders
from portal.messages.models import FollowUpLink, FollowUpStop

LIVES = timedelta(days=365)
_UNKNOWN = N_("This link does not work. Please check that you copied all of it.")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is about."""

    tenant_id: UUID
    recipient: str
    has_stopped: bool


def mint(tenant_id: UUID, recipient: str, *, at: datetime) -> str:
    """A new link's secret; the caller hands it on and forgets it."""
    token = tokens.mint()
    with database.writing(tenant_id):
        insert(
            FollowUpLink,
            {
                "id": uuid7(),
                "tenant_id": tenant_id,
                "recipient": recipient,
                "token_hash": token.digest,
                "created_at": at,
                "expires_at": at + LIVES,
            },
        )
    return token.raw


def open_link(raw: str, *, at: datetime) -> Opened:
    """What a raw token stands for; binds the open transaction to its tenant. Raises NotFound, also when it is over."""
    found = None
    if tokens.is_well_formed(raw):
        found = database.row("SELECT * FROM tenant_id_by_follow_up_link(%s)", tokens.digest(raw))
    if found is None:
        raise NotFound(_UNKNOWN)
    if database.current_scope().tenant_id is None:
        tenancy.bind(found.tenant_id)
    recipient = database.value(
        "SELECT recipient FROM follow_up_link WHERE tenant_id = %s AND id = %s AND expires_at > %s",
        found.tenant_id,
        found.link_id,
        at,
    )
    if recipient is None:
        raise NotFound(_UNKNOWN)
    return Opened(found.tenant_id, recipient, reminders.has_stopped(found.tenant_id, recipient))


def stop(tenant_id: UUID, address: str, *, at: datetime) -> None:
    """Write nothing to this address after the event any more. Doing it twice changes nothing."""
    with database.writing(tenant_id):
        row = {"id": uuid7(), "tenant_id": tenant_id, "email": address.lower(), "created_at": at}
        FollowUpStop.insert(**row).on_conflict_ignore().execute()
        database.execute(
            "UPDATE message SET status = 'cancelled', failure = 'they want none of these' WHERE tenant_id = %s"
            " AND kind = 'follow_up' AND lower(recipient) = %s AND status = 'planned'",
            tenant_id,
            address.lower(),
        )
