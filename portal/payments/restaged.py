"""Writing what ``restaging`` has decided. The caller holds the booking's row and changes its price with it.

Stages of a change that is not done yet carry its quote: nobody owes them. Done, they lose it; lapsed, they are VOID.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Stale
from portal.kernel.text import N_
from portal.payments import attempts
from portal.payments.policy import StagePlan
from portal.payments.restaging import Part, Restaging, Stage
from portal.payments.service import add_stages
from portal.payments.states import StageStatus, StageType


def load(tenant_id: UUID, booking_id: UUID) -> list[Stage]:
    """The stages of a booking that are owed or paid, by their numbers."""
    on_their_way = attempts.stages_on_their_way(tenant_id, booking_id)
    found = database.rows(
        "SELECT id, stage_number, type, amount_cents, due_on, status FROM booking_payment_stage"
        " WHERE tenant_id = %s AND booking_id = %s AND quote_id IS NULL AND status <> 'VOID' ORDER BY stage_number",
        tenant_id,
        booking_id,
    )
    return [
        Stage(
            id=row.id,
            number=row.stage_number,
            type=StageType(row.type),
            amount_cents=row.amount_cents,
            due_on=row.due_on,
            status=StageStatus(row.status),
            is_on_its_way=row.id in on_their_way,
        )
        for row in found
    ]


def apply(tenant_id: UUID, booking_id: UUID, restaging: Restaging, *, currency: str) -> None:
    """Let stages go, add those in their place, and move due dates; ``first`` was written before. Raises Stale."""
    with database.writing(tenant_id):
        gone = database.execute(
            "UPDATE booking_payment_stage SET status = 'VOID' WHERE tenant_id = %s AND booking_id = %s"
            " AND id = ANY (%s) AND status IN ('PENDING', 'FAILED')",
            tenant_id,
            booking_id,
            list(restaging.voided),
        )
        if gone != len(restaging.voided):
            raise Stale(N_("This booking has changed meanwhile. Please reload the page."))
        _add(tenant_id, booking_id, restaging.added, currency)
        database.execute(
            "UPDATE booking_payment_stage SET due_on = new.due_on"
            " FROM unnest(%s::uuid[], %s::date[]) AS new (id, due_on)"
            " WHERE booking_payment_stage.tenant_id = %s AND booking_payment_stage.id = new.id",
            list(restaging.due_on),
            list(restaging.due_on.values()),
            tenant_id,
        )


def propose(tenant_id: UUID, booking_id: UUID, parts: Sequence[Part], *, quote_id: UUID, currency: str) -> list[UUID]:
    """Write down what is paid before a change is done; nobody owes it."""
    with database.writing(tenant_id):
        return _add(tenant_id, booking_id, parts, currency, quote_id)


def adopt(tenant_id: UUID, quote_id: UUID) -> None:
    """The change is being done: what was paid for it is a part of the price."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE booking_payment_stage SET quote_id = NULL"
            " WHERE tenant_id = %s AND quote_id = %s AND status IN ('PENDING', 'FAILED')",
            tenant_id,
            quote_id,
        )


def drop(tenant_id: UUID, quote_id: UUID) -> None:
    """The change is not going to happen: what was proposed for it is VOID."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE booking_payment_stage SET status = 'VOID'"
            " WHERE tenant_id = %s AND quote_id = %s AND status IN ('PENDING', 'FAILED')",
            tenant_id,
            quote_id,
        )


def _add(
    tenant_id: UUID, booking_id: UUID, parts: Sequence[Part], currency: str, quote_id: UUID | None = None
) -> list[UUID]:
    plans = [StagePlan(number, each.type, each.amount_cents, each.due_on) for number, each in enumerate(parts, 1)]
    return add_stages(tenant_id, booking_id, plans, currency, quote_id=quote_id)
