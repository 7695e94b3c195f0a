"""Effects that are owed to the outside world: one row each, written in the transaction of their cause.

PostgreSQL is the truth. After the commit a doorbell tells a worker that there is something to do; a sweeper finds
what was missed. This module only writes rows and rings; claiming and carrying out is the work of ``tasks``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import psycopg2.extras

from portal.db import database
from portal.kernel import time
from portal.kernel.ids import uuid7

_doorbell: list[Callable[[UUID], None]] = []


def install_doorbell(ring: Callable[[UUID], None]) -> None:
    """What to call with an effect's id after its commit; ``ring`` must never raise or wait."""
    _doorbell[:] = [ring]


def owe(
    kind: str,
    subject_id: UUID,
    *,
    payload: Mapping[str, object] | None = None,
    dedupe_key: str | None = None,
    due_at: datetime | None = None,
) -> UUID | None:
    """Owe an effect about a subject, within the open transaction.

    The row belongs to the bound tenant. With a ``dedupe_key`` that exists already nothing is written and None is
    returned. ``payload`` holds identifiers and choices, never secrets or texts.
    """
    effect_id = uuid7()
    at = time.now()
    written = database.execute(
        "INSERT INTO outbox (id, tenant_id, kind, subject_id, payload, dedupe_key, status, due_at, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, 'due', %s, %s) ON CONFLICT (dedupe_key) DO NOTHING",
        effect_id,
        database.current_scope().tenant_id,
        kind,
        subject_id,
        psycopg2.extras.Json(dict(payload or {})),
        dedupe_key,
        due_at or at,
        at,
    )
    if not written:
        return None
    if due_at is None or due_at <= at:
        ring_after_commit(effect_id)
    return effect_id


def ring_after_commit(effect_id: UUID) -> None:
    """Tell a worker about an effect that is due, once the open transaction has been committed."""
    if _doorbell:
        database.after_commit(lambda: _doorbell[0](effect_id))
