"""Secret links to an entry on a waiting list: minted for each mail, opened by whoever received it.

Only a hash is stored; a raw token leaves ``mint`` once. Opening a link changes nothing. It works until the day is over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.availability.models import WaitlistToken
from portal.availability.waitlist_rules import link_ends_at
from portal.db import database, tenancy
from portal.db.insert import insert
from portal.kernel import tokens
from portal.kernel.errors import NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

_UNKNOWN = N_("This link does not work. Please check that you copied all of it.")


@dataclass(frozen=True, slots=True)
class EntryLink:
    """What a link opens; ``slug`` is the address of the business."""

    tenant_id: UUID
    token_id: UUID
    entry_id: UUID
    slug: str


def mint(tenant_id: UUID, entry_id: UUID, *, at: datetime) -> str:
    """A new link's secret; the caller hands it on and forgets it."""
    with database.writing(tenant_id):
        found = database.row(
            "SELECT e.event_on, t.timezone FROM waitlist_entry e JOIN tenant t ON t.id = e.tenant_id"
            " WHERE e.tenant_id = %s AND e.id = %s",
            tenant_id,
            entry_id,
        )
        if found is None:
            raise NotFound(_UNKNOWN)
        token = tokens.mint()
        row = {
            "id": uuid7(),
            "tenant_id": tenant_id,
            "entry_id": entry_id,
            "token_hash": token.digest,
            "created_at": at,
            "expires_at": link_ends_at(found.event_on, found.timezone),
        }
        insert(WaitlistToken, row)
    return token.raw


def open_link(raw: str, *, at: datetime) -> EntryLink:
    """What a raw token opens now; binds the open transaction to its tenant. Raises NotFound, also when it has ended."""
    found = None
    if tokens.is_well_formed(raw):
        found = database.row("SELECT * FROM tenant_id_by_waitlist_token(%s)", tokens.digest(raw))
    if found is None:
        raise NotFound(_UNKNOWN)
    if database.current_scope().tenant_id is None:
        tenancy.bind(found.tenant_id)
    link = database.row(
        "SELECT k.tenant_id, k.id, k.entry_id, t.slug FROM waitlist_token k JOIN tenant t ON t.id = k.tenant_id"
        " WHERE k.tenant_id = %s AND k.id = %s AND k.expires_at > %s",
        found.tenant_id,
        found.token_id,
        at,
    )
    if link is None:
        raise NotFound(_UNKNOWN)
    return EntryLink(*link)


def is_held(tenant_id: UUID, entry_id: UUID, token_ids: Collection[UUID], *, at: datetime) -> bool:
    """Whether one of a browser's links opens this entry now."""
    return bool(token_ids) and bool(
        database.value(
            "SELECT 1 FROM waitlist_token WHERE tenant_id = %s AND entry_id = %s AND id = ANY (%s) AND expires_at > %s"
            " LIMIT 1",
            tenant_id,
            entry_id,
            list(token_ids),
            at,
        )
    )
