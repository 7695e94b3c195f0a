"""A worker's hands for the demo data: what a step owes to the outside is carried out at the step's own instant.

So the mails of a booking from last spring carry last spring's date. Only kinds that demo bookings lead to are known.
PDFs are left to a real worker, due now: they take longer than all the rest, and nobody waits for those of last spring.
The mails that tell of them carry links.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.invoices import service as invoices
from portal.kernel import time
from portal.lifecycle import finish, rebooked, settle
from portal.messages import (
    clash_plans,
    courtesy_plans,
    detail_plans,
    document_plans,
    due,
    owner_plans,
    planning,
    plans,
    sending,
    summaries,
    waiting_plans,
    weekly,
)
from portal.payments import refunds


def carry_out(tenant_id: UUID, at: datetime) -> None:
    """Everything that is due for a tenant by now, and what that leads to."""
    while due := _due(tenant_id, at):
        for effect in due:
            _carry_out(tenant_id, effect, at)
            _done(effect.id, at)


def _carry_out(tenant_id: UUID, effect: database.Row, at: datetime) -> None:
    if effect.kind not in _ACTS:
        msg = f"demo bookings do not lead to {effect.kind}"
        raise ValueError(msg)
    _ACTS[effect.kind](tenant_id, effect, at)
    if effect.kind.startswith("booking."):
        planning.keep_up(tenant_id, effect.subject_id, at=at)
    if effect.kind in _DOCUMENTED:
        _tell_of(tenant_id, invoices.keep_up(tenant_id, effect.subject_id, at=at), at)


def remind(now: datetime) -> None:
    """Every planned message whose time has come, each at its own instant, as a worker that never slept has sent it."""
    while (at := _next_due()) is not None and at <= now:
        with time.frozen(at):
            due.mark_due(at)
            weekly.plan_missing(at)
            owner_plans.tell_overdue(at)
            summaries.plan_missing(at)
            for tenant_id in _owing():
                carry_out(tenant_id, at)


def leave(now: datetime) -> None:
    """What is left to a worker is owed from now on: in its own past it would look as if nobody had been at it."""
    with database.writing(), platform_scope(reason="the demo data is its own worker"):
        database.execute(
            "UPDATE outbox SET due_at = %s, created_at = %s"
            " WHERE kind = ANY (%s) AND status = 'due' AND attempts = 0 AND due_at < %s",
            now,
            now,
            _LEFT_TO_A_WORKER,
            now,
        )


def _next_due() -> datetime | None:
    with database.reading(), platform_scope(reason="the demo data is its own worker"):
        found: datetime | None = database.value("SELECT min(due_at) FROM message WHERE status = 'planned'")
    return found


def _owing() -> list[UUID]:
    with database.reading(), platform_scope(reason="the demo data is its own worker"):
        return [
            row.tenant_id
            for row in database.rows(
                "SELECT DISTINCT tenant_id FROM outbox WHERE kind = 'message.send' AND status = 'due'"
            )
        ]


def _refunded(tenant_id: UUID, effect: database.Row, at: datetime) -> None:
    _tell_of(tenant_id, invoices.keep_up_with_refund(tenant_id, effect.subject_id, at=at), at)


def _tell_of(tenant_id: UUID, issued: list[UUID], at: datetime) -> None:
    for issued_id in issued:
        document_plans.issued(tenant_id, issued_id, at=at, is_waiting=False)


def _booking_confirmed(tenant_id: UUID, effect: database.Row, at: datetime) -> None:
    plans.booking_confirmed(tenant_id, effect.subject_id, at=at)
    rebooked.look(tenant_id, effect.subject_id, at=at)


_ACTS: dict[str, Callable[[UUID, database.Row, datetime], object]] = {
    "booking.confirmed": _booking_confirmed,
    "booking.busy_outside": lambda tenant, e, at: clash_plans.busy_outside(tenant, e.subject_id, at=at),
    "booking.needs_review": lambda tenant, e, at: plans.needs_review(tenant, e.subject_id, slot=str(e.id), at=at),
    "booking.payment_sent_back": lambda tenant, e, at: plans.payment_sent_back(
        tenant, e.subject_id, refund_request_id=UUID(e.payload["refund_request_id"]), at=at
    ),
    "booking.stages_paid": lambda tenant, e, at: plans.stages_paid(
        tenant, e.subject_id, payment_id=UUID(e.payload["payment_id"]), at=at
    ),
    "refund.completed": _refunded,
    "booking.moved": lambda tenant, e, at: plans.moved(
        tenant, e.subject_id, quote_id=UUID(e.payload["quote_id"]), at=at
    ),
    "booking.details_changed": lambda tenant, e, at: detail_plans.details_changed(
        tenant, e.subject_id, version=e.payload["version"], at=at
    ),
    "booking.price_changed": lambda tenant, e, at: detail_plans.price_changed(
        tenant, e.subject_id, version=e.payload["version"], at=at
    ),
    "booking.courtesy_held": lambda tenant, e, at: courtesy_plans.held(tenant, e.subject_id, slot=str(e.id), at=at),
    "waitlist.joined": lambda tenant, e, at: waiting_plans.joined(tenant, e.subject_id, slot=str(e.id), at=at),
    "booking.disputed": lambda tenant, e, at: owner_plans.disputed(
        tenant, e.subject_id, dispute_id=e.payload["dispute_id"], at=at
    ),
    "message.failed": lambda tenant, e, at: owner_plans.mail_failed(tenant, e.subject_id, at=at),
    "message.send": lambda tenant, e, at: sending.send(tenant, e.subject_id, at=at, is_first_attempt=True),
    "refund.execute": lambda tenant, e, at: refunds.execute(tenant, e.subject_id, at=at),
    "checkout.settle": lambda tenant, e, at: settle.settle(tenant, e.subject_id, at=at),
    "booking.end_sessions": lambda tenant, e, at: finish.end_sessions(tenant, e.subject_id, at=at),
    "booking.finish_cancelling": lambda tenant, e, at: finish.finish(tenant, e.subject_id, at=at),
    "booking.cancelling": lambda tenant, e, at: plans.cancelling(
        tenant, e.subject_id, slot=e.payload["quote_id"], at=at
    ),
    "booking.rebooked": lambda tenant, e, at: plans.rebooked(tenant, e.subject_id, at=at),
    "booking.cancelled": lambda tenant, e, at: plans.cancelled(tenant, e.subject_id, slot=e.payload["quote_id"], at=at),
}


# After these a booking's documents are brought up to what happened.
_DOCUMENTED = {
    "booking.confirmed",
    "booking.stages_paid",
    "booking.cancelled",
    "booking.moved",
    "booking.details_changed",
    "booking.price_changed",
    "booking.address_changed",
}
_LEFT_TO_A_WORKER = ["invoice.render"]


def _due(tenant_id: UUID, at: datetime) -> list[database.Row]:
    with database.reading(tenant_id):
        return database.rows(
            "SELECT id, kind, subject_id, payload FROM outbox WHERE tenant_id = %s AND status = 'due' AND due_at <= %s"
            " AND kind <> ALL (%s) ORDER BY created_at, id",
            tenant_id,
            at,
            _LEFT_TO_A_WORKER,
        )


def _done(effect_id: UUID, at: datetime) -> None:
    with database.writing(), platform_scope(reason="the demo data is its own worker"):
        database.execute(
            "UPDATE outbox SET status = 'done', attempts = 1, ended_at = %s WHERE id = %s AND status = 'due'",
            at,
            effect_id,
        )
