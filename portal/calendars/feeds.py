"""Addresses at which other calendars read the bookings: of a business, or of one of its resources.

The secret is an HMAC of the row's id under ``SECRET_KEY``. So the owner can be shown the address whenever a further
calendar is to subscribe it, while neither the database nor a backup of it holds more than a hash. A new address is a
new row, and ends the old one at once. After a change of ``SECRET_KEY`` addresses in use go on (their hash stands), but
can no longer be shown. Never logged: the route's template is, and 43 such characters in any other text are struck out.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal import settings
from portal.calendars.models import CalendarFeed
from portal.db import database
from portal.db.insert import insert
from portal.kernel import tokens
from portal.kernel.errors import NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

NONE = N_("There is no calendar at this address. It may have been replaced by a new one.")


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed as its owner sees it; ``secret`` is empty when it cannot be shown any more."""

    id: UUID
    resource_id: UUID | None
    made_at: datetime
    secret: str


class Asked(NamedTuple):
    """The feed that a secret opens."""

    tenant_id: UUID
    feed_id: UUID


def make(tenant_id: UUID, *, resource_id: UUID | None, user_id: UUID | None = None, at: datetime) -> UUID:
    """A new address, in the place of the one there was. Raises NotFound for a resource of nobody."""
    feed_id = uuid7()
    with database.writing(tenant_id):
        _refuse_unknown(tenant_id, resource_id)
        # Two who press at once queue at the tenant's row; the later address stands.
        database.value("SELECT 1 FROM tenant WHERE id = %s FOR NO KEY UPDATE", tenant_id)
        _delete(tenant_id, resource_id)
        insert(
            CalendarFeed,
            {
                "id": feed_id,
                "tenant_id": tenant_id,
                "resource_id": resource_id,
                "token_hash": tokens.digest(_secret(feed_id)),
                "made_by": user_id,
                "made_at": at,
            },
        )
    return feed_id


def end(tenant_id: UUID, *, resource_id: UUID | None) -> None:
    """From now on nobody reads this calendar. Raises NotFound for a resource of nobody."""
    with database.writing(tenant_id):
        _refuse_unknown(tenant_id, resource_id)
        _delete(tenant_id, resource_id)


def of_tenant(tenant_id: UUID) -> dict[UUID | None, FeedView]:
    """The feeds there are, by resource; that of the whole business at None."""
    found = database.rows(
        "SELECT id, resource_id, token_hash, made_at FROM calendar_feed WHERE tenant_id = %s", tenant_id
    )
    return {row.resource_id: FeedView(row.id, row.resource_id, row.made_at, _shown(row)) for row in found}


def open_feed(raw: str) -> Asked:
    """Whose calendar a secret opens; binds nothing. Raises NotFound, the same for every other text."""
    row = None
    if tokens.is_well_formed(raw):
        with database.reading():
            row = database.row("SELECT * FROM tenant_id_by_calendar_feed(%s)", tokens.digest(raw))
    if row is None:
        raise NotFound(NONE)
    return Asked(row.tenant_id, row.feed_id)


def _refuse_unknown(tenant_id: UUID, resource_id: UUID | None) -> None:
    if resource_id and not database.value(
        "SELECT 1 FROM resource WHERE tenant_id = %s AND id = %s", tenant_id, resource_id
    ):
        raise NotFound(N_("This calendar does not exist."))


def _delete(tenant_id: UUID, resource_id: UUID | None) -> None:
    database.execute(
        "DELETE FROM calendar_feed WHERE tenant_id = %s AND resource_id IS NOT DISTINCT FROM %s", tenant_id, resource_id
    )


def _secret(feed_id: UUID) -> str:
    key = settings.current().secret_key.encode()
    digest = hmac.digest(key, b"calendar feed/" + feed_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _shown(row: database.Row) -> str:
    secret = _secret(row.id)
    return secret if hmac.compare_digest(tokens.digest(secret), bytes(row.token_hash)) else ""
