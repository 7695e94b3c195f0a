"""A worker's hands for the demo data: what a step owes to the outside is carried out at the step's own instant.

So the mails of a booking from last spring carry last spring's date. Only kinds that demo bookings lead to are known.
"""

from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.lifecycle import finish, settle
from portal.messages import plans, sending
from portal.payments import refunds


def carry_out(tenant_id: UUID, at: datetime) -> None:
    """Everything that is due for a tenant by now, and what that leads to."""
    while due := _due(tenant_id, at):
        for effect in due:
            _carry_out(tenant_id, effect, at)
            _done(effect.id, at)


def _carry_out(tenant_id: UUID, effect: database.Row, at: datetime) -> None:
    subject_id = effect.subject_id
    match effect.kind:
        case "booking.confirmed":
            plans.booking_confirmed(tenant_id, subject_id, at=at)
        case "booking.needs_review":
            plans.needs_review(tenant_id, subject_id, slot=str(effect.id), at=at)
        case "booking.stages_paid":
            plans.stages_paid(tenant_id, subject_id, payment_id=UUID(effect.payload["payment_id"]), at=at)
        case "message.send":
            sending.send(tenant_id, subject_id, at=at, is_first_attempt=True)
        case "refund.execute":
            refunds.execute(tenant_id, subject_id, at=at)
        case "checkout.settle":
            settle.settle(tenant_id, subject_id, at=at)
        case "booking.end_sessions":
            finish.end_sessions(tenant_id, subject_id, at=at)
        case "booking.finish_cancelling":
            finish.finish(tenant_id, subject_id, at=at)
        case "booking.cancelling":
            plans.cancelling(tenant_id, subject_id, slot=effect.payload["quote_id"], at=at)
        case "booking.cancelled":
            plans.cancelled(tenant_id, subject_id, slot=effect.payload["quote_id"], at=at)
        case _:
            msg = f"demo bookings do not lead to {effect.kind}"
            raise ValueError(msg)


def _due(tenant_id: UUID, at: datetime) -> list[database.Row]:
    with database.reading(tenant_id):
        return database.rows(
            "SELECT id, kind, subject_id, payload FROM outbox WHERE tenant_id = %s AND status = 'due' AND due_at <= %s"
            " ORDER BY created_at, id",
            tenant_id,
            at,
        )


def _done(effect_id: UUID, at: datetime) -> None:
    with database.writing(), platform_scope(reason="the demo data is its own worker"):
        database.execute(
            "UPDATE outbox SET status = 'done', attempts = 1, ended_at = %s WHERE id = %s AND status = 'due'",
            at,
            effect_id,
        )
