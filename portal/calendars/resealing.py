"""All secrets of connections under the newest key of the ring, so that an older one can be taken away."""

from dataclasses import dataclass
from uuid import UUID

from portal.calendars import opening
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.tenants import secrets

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many were encrypted anew, and the connections of which no key of the ring opens the secret."""

    done: int
    unreadable: list[UUID]


def reseal() -> Resealed:
    """Encrypt anew what an older key encrypted. May be broken off and run again."""
    done, unreadable, after = 0, list[UUID](), UUID(int=0)
    while rows := _next(after):
        for row in rows:
            if secrets.is_of_newest_key(row.secret):
                continue
            try:
                done += _reseal(row.tenant_id, row.id)
            except secrets.UnreadableError:
                unreadable.append(row.id)
        after = rows[-1].id
    return Resealed(done, unreadable)


def _next(after: UUID) -> list[database.Row]:
    with database.reading(), platform_scope(reason="secrets of all tenants are encrypted anew"):
        return database.rows(
            "SELECT tenant_id, id, secret FROM calendar_connection WHERE id > %s ORDER BY id LIMIT %s", after, _AT_ONCE
        )


def _reseal(tenant_id: UUID, connection_id: UUID) -> int:
    """As it stands now: its owner may just have connected it again."""
    with database.writing(tenant_id):
        secret = database.value(
            "SELECT secret FROM calendar_connection WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            connection_id,
        )
        if secret is None:
            return 0
        return database.execute(
            "UPDATE calendar_connection SET secret = %s WHERE tenant_id = %s AND id = %s",
            opening.resealed(tenant_id, connection_id, secret),
            tenant_id,
            connection_id,
        )
