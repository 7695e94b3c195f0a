"""The outbox as an operator sees it: what is owed, what is dead, and once more, please.

Carrying out is the work of ``tasks``; this only looks and makes dead or waiting rows due again.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict
from portal.kernel.text import N_

_REASON = "the outbox of all tenants"


@dataclass(frozen=True, slots=True)
class OwedEffect:
    """One row that is not done."""

    id: UUID
    tenant: str | None
    kind: str
    status: str
    due_at: datetime
    attempts: int
    last_error: str


def unfinished(*, status: str | None = None, limit: int = 100) -> list[OwedEffect]:
    """Dead rows first, then the longest due."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            "SELECT o.id, t.slug AS tenant, o.kind, o.status, o.due_at, o.attempts, o.last_error"
            " FROM outbox o LEFT JOIN tenant t ON t.id = o.tenant_id"
            " WHERE o.status <> 'done' AND (%s::text IS NULL OR o.status = %s)"
            " ORDER BY o.status = 'dead' DESC, o.due_at LIMIT %s",
            status,
            status,
            limit,
        )
    return [OwedEffect(*row) for row in found]


def retry(effect_id: UUID, *, at: datetime) -> None:
    """Make a dead row, or one that waits for its next attempt, due now. Raises Conflict when it is neither."""
    if not _make_due("id = %s", effect_id, at=at):
        raise Conflict(N_("This effect is done, being carried out, or unknown."))


def retry_dead(*, at: datetime) -> int:
    """Make every dead row due now; how many."""
    return _make_due("status = 'dead'", at=at)


def revive(kind: str, subject_id: UUID, *, at: datetime) -> bool:
    """Make the dead or waiting row of a subject due now; whether there was one. Joins the caller's transaction."""
    return _make_due("kind = %s AND subject_id = %s", kind, subject_id, at=at) > 0


def _make_due(which: str, *params: object, at: datetime) -> int:
    with database.writing(), platform_scope(reason=_REASON):
        found = database.rows(
            "UPDATE outbox SET status = 'due', due_at = %s, attempts = 0, ended_at = NULL"
            f" WHERE {which} AND status IN ('due', 'dead') RETURNING id",
            at,
            *params,
        )
        for row in found:
            outbox.ring_after_commit(row.id)
    return len(found)
