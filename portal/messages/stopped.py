"""Addresses that a business writes to no more: they came back, complained, or are refused for good.

Law: a stop and its end each carry an instant, and the later one counts. So what is told late, twice or in another order
ends the same. Another address on the booking is another row, or none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.db import database, outbox
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.messages import delivery

SENTENCE = N_("Emails to this address come back, so it was not written to.")
_MOST = 50


class Reason(StrEnum):
    """Why."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Stopped:
    """One address."""

    id: UUID
    email: str
    reason: Reason
    stopped_at: datetime


def stop(tenant_id: UUID, address: str, reason: Reason, *, at: datetime) -> None:
    """Write to an address no more. What was said to work since ``at`` stays so."""
    with database.writing(tenant_id):
        database.execute(
            "INSERT INTO stopped_address AS s (id, tenant_id, email, reason, stopped_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, email) DO UPDATE SET reason = excluded.reason, stopped_at = excluded.stopped_at"
            " WHERE (s.stopped_at, s.reason) < (excluded.stopped_at, excluded.reason)",
            uuid7(),
            tenant_id,
            address.lower(),
            reason,
            at,
        )


def works(tenant_id: UUID, stopped_id: UUID, *, user_id: UUID | None, at: datetime) -> str:
    """The business says that an address works again; which one. Raises NotFound, and Conflict when it does already.

    The provider keeps a list of its own: taking the address off it is owed.
    """
    with database.writing(tenant_id):
        row = database.row(
            "SELECT email, is_stopped FROM stopped_address WHERE tenant_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            stopped_id,
        )
        if row is None:
            raise NotFound(N_("There is no such address."))
        if not row.is_stopped:
            raise Conflict(N_("This address is written to as usual."))
        database.execute(
            "UPDATE stopped_address SET ended_at = greatest(stopped_at, %s), ended_by = %s"
            " WHERE tenant_id = %s AND id = %s",
            at,
            user_id,
            tenant_id,
            stopped_id,
        )
        outbox.owe("address.welcome", stopped_id)
        return str(row.email)


def end(tenant_id: UUID, address: str, *, at: datetime) -> None:
    """The provider says that it writes to an address again, perhaps before we hear why it had stopped."""
    with database.writing(tenant_id):
        database.execute(
            "INSERT INTO stopped_address AS s (id, tenant_id, email, reason, stopped_at, ended_at)"
            " VALUES (%s, %s, %s, %s, to_timestamp(0), %s) ON CONFLICT (tenant_id, email)"
            " DO UPDATE SET ended_at = excluded.ended_at, ended_by = NULL"
            " WHERE s.ended_at IS NULL OR s.ended_at < excluded.ended_at",
            uuid7(),
            tenant_id,
            address.lower(),
            Reason.BOUNCED,
            at,
        )


def welcome(tenant_id: UUID, stopped_id: UUID) -> None:
    """Have the channel write to an address again. Raises to try later; one that came back again is left alone."""
    with database.reading(tenant_id):
        address = database.value(
            "SELECT email FROM stopped_address WHERE tenant_id = %s AND id = %s AND NOT is_stopped",
            tenant_id,
            stopped_id,
        )
    if address is not None:
        delivery.current().welcome(address)


def is_stopped(tenant_id: UUID, address: str) -> bool:
    """Whether an address is written to no more; within the caller's transaction."""
    return bool(among(tenant_id, [address]))


def among(tenant_id: UUID, addresses: Iterable[str | None]) -> list[Stopped]:
    """Those of some addresses that are written to no more; within the caller's transaction."""
    wanted = [address.lower() for address in addresses if address]
    return _listed("tenant_id = %s AND is_stopped AND email = ANY (%s)", tenant_id, wanted)


def listed(tenant_id: UUID) -> list[Stopped]:
    """All of them, the latest first; within the caller's transaction."""
    return _listed("tenant_id = %s AND is_stopped", tenant_id)


def _listed(where: str, *params: object) -> list[Stopped]:
    found = database.rows(
        f"SELECT id, email, reason, stopped_at FROM stopped_address WHERE {where}"
        " ORDER BY stopped_at DESC, id LIMIT %s",
        *params,
        _MOST,
    )
    return [Stopped(row.id, row.email, Reason(row.reason), row.stopped_at) for row in found]
