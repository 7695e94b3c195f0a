"""Rows of the outbox change hands here, each step one short transaction and one conditional UPDATE.

due → leased → done | due again | dead. What was not begun with is due again as if nobody had come. A lease belongs to
one attempt: whoever comes back after it ran out and was taken over finds another ``lease_id`` and is refused. Leases
run on the database's clock, the one that all workers share; due times are ours.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.db import database
from portal.db.tenancy import platform_scope

_REASON = "the outbox belongs to all tenants"
_OPEN = "(status = 'due' AND due_at <= %s OR status = 'leased' AND leased_until <= clock_timestamp())"
_RETURNED = "o.id, o.tenant_id, o.kind, o.subject_id, o.payload, o.attempts, o.created_at, o.lease_id"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a reaction is told."""

    id: UUID
    tenant_id: UUID | None
    kind: str
    subject_id: UUID
    payload: dict[str, Any]
    attempts: int

    @property
    def tenant(self) -> UUID:
        """The tenant, for kinds that always have one."""
        if self.tenant_id is None:
            msg = f"an effect of kind {self.kind} belongs to a tenant"
            raise ValueError(msg)
        return self.tenant_id


@dataclass(frozen=True, slots=True)
class Claim:
    """An effect that this attempt alone may finish."""

    effect: Effect
    lease_id: UUID
    created_at: datetime


def claim(effect_id: UUID, *, at: datetime, lease: float) -> Claim | None:
    """Lease this row, if it is due or its lease ran out; None when somebody else has it or it is finished."""
    return _claim("id = %s", [effect_id], at=at, lease=lease)


def claim_first_of(kinds: Collection[str], *, at: datetime, lease: float) -> Claim | None:
    """Lease the longest due row of these kinds, if there is one."""
    return _claim("kind = ANY (%s)", [list(kinds)], at=at, lease=lease)


def finish(claim: Claim, *, at: datetime) -> bool:
    """The effect is done. False when the lease was taken over meanwhile: this result does not count."""
    return _end(claim, "status = 'done', ended_at = %s, last_error = ''", [at])


def put_back(claim: Claim, *, due_at: datetime, error: str) -> bool:
    """To be tried again later."""
    return _end(claim, "status = 'due', due_at = %s, last_error = %s", [due_at, error])


def give_back(claim: Claim, *, due_at: datetime) -> bool:
    """It was not begun with, because it was not its turn: no attempt, no failure."""
    return _end(claim, "status = 'due', due_at = %s, attempts = attempts - 1", [due_at])


def bury(claim: Claim, *, at: datetime, error: str) -> bool:
    """It keeps failing: a person has to look."""
    return _end(claim, "status = 'dead', ended_at = %s, last_error = %s", [at, error])


def pull_forward(kind: str, *, at: datetime, lease: float, rest: float) -> list[UUID]:
    """Make due at once what waits for a retry of this kind and was not tried for ``rest`` seconds; the ids."""
    with database.writing(), platform_scope(reason=_REASON):
        pulled = database.rows(
            "UPDATE outbox SET due_at = %s WHERE id IN (SELECT id FROM outbox WHERE status = 'due' AND kind = %s"
            " AND due_at > %s AND attempts > 0 AND leased_until < clock_timestamp() + %s"
            " ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id",
            at, kind, at, timedelta(seconds=lease - rest),
        )  # fmt: skip
        return [row.id for row in pulled]


def waiting(*, at: datetime, first: Collection[str], limit: int) -> list[UUID]:
    """Rows that are due or whose lease ran out, these kinds first, then the longest due."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            f"SELECT id FROM outbox WHERE {_OPEN} ORDER BY kind = ANY (%s) DESC, due_at LIMIT %s",
            at,
            list(first),
            limit,
        )
        return [row.id for row in found]


def _claim(which: str, params: list[object], *, at: datetime, lease: float) -> Claim | None:
    with database.writing(), platform_scope(reason=_REASON):
        row = database.row(
            "UPDATE outbox o SET status = 'leased', lease_id = %s, attempts = o.attempts + 1,"
            " leased_until = clock_timestamp() + %s"
            f" FROM (SELECT id FROM outbox WHERE {which} AND {_OPEN} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
            f" AS found WHERE o.id = found.id RETURNING {_RETURNED}",
            uuid4(),
            timedelta(seconds=lease),
            *params,
            at,
        )
    if row is None:
        return None
    effect = Effect(row.id, row.tenant_id, row.kind, row.subject_id, row.payload, row.attempts)
    return Claim(effect, row.lease_id, row.created_at)


def _end(claim: Claim, changes: str, params: list[object]) -> bool:
    with database.writing(), platform_scope(reason=_REASON):
        touched = database.execute(
            f"UPDATE outbox SET {changes}, lease_id = NULL WHERE id = %s AND lease_id = %s",
            *params,
            claim.effect.id,
            claim.lease_id,
        )
    return touched == 1
