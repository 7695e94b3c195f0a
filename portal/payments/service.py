"""Payment stages of a booking: writing them down, replacing them while nothing is paid, letting them go.

A stage is never deleted: a checkout may have sold it, and money for it may still come. Replaced stages become
VOID and their successors carry the next numbers.
"""

from collections.abc import Sequence
from uuid import UUID

from portal.db import database
from portal.db.insert import insert
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.payments.models import BookingPaymentStage
from portal.payments.policy import StagePlan
from portal.payments.states import StageStatus


def create_stages(tenant_id: UUID, booking_id: UUID, plans: Sequence[StagePlan], currency: str) -> list[UUID]:
    """Write down how a booking is paid; the ids of its stages in order."""
    with database.writing(tenant_id):
        return _insert(tenant_id, booking_id, plans, currency, after=0)


def replace_stages(tenant_id: UUID, booking_id: UUID, plans: Sequence[StagePlan], currency: str) -> list[UUID]:
    """Put new stages in the place of unpaid ones; their ids in order. Raises Conflict once something is paid.

    The caller has locked the booking's row.
    """
    with database.writing(tenant_id):
        if database.value(
            "SELECT 1 FROM booking_payment_stage WHERE tenant_id = %s AND booking_id = %s"
            " AND status IN ('COMPLETED', 'REFUNDED') LIMIT 1",
            tenant_id,
            booking_id,
        ):
            raise Conflict(N_("This booking is paid already, so its price cannot be changed this way."))
        void_stages(tenant_id, booking_id)
        return add_stages(tenant_id, booking_id, plans, currency)


def add_stages(
    tenant_id: UUID, booking_id: UUID, plans: Sequence[StagePlan], currency: str, *, quote_id: UUID | None = None
) -> list[UUID]:
    """Write down further stages, numbered after those there are; their ids in order. The booking's row is locked.

    With a quote they are owed only once that change is done.
    """
    with database.writing(tenant_id):
        last = database.value(
            "SELECT max(stage_number) FROM booking_payment_stage WHERE tenant_id = %s AND booking_id = %s",
            tenant_id,
            booking_id,
        )
        return _insert(tenant_id, booking_id, plans, currency, after=last or 0, quote_id=quote_id)


def void_stages(tenant_id: UUID, booking_id: UUID) -> int:
    """Let go of what was not paid; how many stages that were."""
    with database.writing(tenant_id):
        return database.execute(
            "UPDATE booking_payment_stage SET status = 'VOID'"
            " WHERE tenant_id = %s AND booking_id = %s AND status IN ('PENDING', 'FAILED')",
            tenant_id,
            booking_id,
        )


def _insert(
    tenant_id: UUID,
    booking_id: UUID,
    plans: Sequence[StagePlan],
    currency: str,
    *,
    after: int,
    quote_id: UUID | None = None,
) -> list[UUID]:
    if not plans:
        return []
    ids = [uuid7() for _ in plans]
    stages = [
        {
            "id": stage_id,
            "tenant_id": tenant_id,
            "booking_id": booking_id,
            "quote_id": quote_id,
            "stage_number": after + plan.number,
            "type": plan.type,
            "amount_cents": plan.amount_cents,
            "currency": currency,
            "due_on": plan.due_on,
            "status": StageStatus.PENDING,
        }
        for stage_id, plan in zip(ids, plans, strict=True)
    ]
    insert(BookingPaymentStage, *stages)
    return ids
