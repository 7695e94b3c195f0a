"""What became of refunds at Stripe, written down so that any order and number of tellings end the same.

A refund is matched to its request by Stripe's id, else by our id in its metadata, else nobody here waits for it (it
was made by hand, say): then it gets a row of its own and the booking is marked for review. The ledger gets a row when
money went back, and an opposite one when a bank sent it back later; the request then stays FAILED and a person decides.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.bookings import service as bookings
from portal.bookings.states import Actor
from portal.db import database, outbox
from portal.kernel.ids import uuid7
from portal.payments import found, ledger
from portal.payments.gateway import ProviderRefund
from portal.payments.models import RefundRequest
from portal.payments.states import LedgerKind, RefundReason, RefundStatus

_STATUS = {
    "succeeded": RefundStatus.COMPLETED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}  # anything else is still on its way


def apply(tenant_id: UUID, payment_id: UUID, made: Sequence[ProviderRefund], *, at: datetime) -> None:
    """Bring our rows to what Stripe says of a payment's refunds."""
    if not made:
        return
    with database.writing(tenant_id):
        payment = found.payment(tenant_id, payment_id)
        bookings.lock(tenant_id, payment.booking_id)
        for refund in sorted(made, key=lambda each: (each.created_at, each.id)):
            _apply_one(payment, refund, at)
        _close_stages(tenant_id, payment)


def stop(tenant_id: UUID, request_id: UUID, *, why: str, at: datetime) -> None:
    """Give up a request that Stripe will never carry out: owed again, and a person is asked."""
    with database.writing(tenant_id):
        request = found.refund_request(tenant_id, request_id)
        bookings.lock(tenant_id, request.booking_id)
        if _move(request, (RefundStatus.PROCESSING,), RefundStatus.FAILED, at, failure=why):
            _tell_failure(request, why, at)
            bookings.flag_for_review(tenant_id, request.booking_id, f"refund_stopped: {why}", at)


def fail_quietly(request: database.Row, *, why: str, at: datetime) -> bool:
    """End a request that another one follows at once, so that nobody needs to be told; whether it was open."""
    return _move(request, (RefundStatus.PROCESSING,), RefundStatus.FAILED, at, failure=why)


def _apply_one(payment: database.Row, refund: ProviderRefund, at: datetime) -> None:
    request = _matching(payment, refund) or _external(payment, refund, at)
    database.execute(
        "UPDATE refund_request SET stripe_refund_id = %s, changed_at = %s,"
        " status = CASE status WHEN 'PENDING' THEN 'PROCESSING' ELSE status END"
        " WHERE tenant_id = %s AND id = %s AND stripe_refund_id IS NULL",
        refund.id,
        at,
        request.tenant_id,
        request.id,
    )
    status = _STATUS.get(refund.status)
    processing, completed = RefundStatus.PROCESSING, RefundStatus.COMPLETED
    if status is completed and _move(request, (processing,), completed, at):
        _enter(payment, request, refund, at)
        _note(request, "refund_completed", at)
        outbox.owe("refund.completed", request.id, dedupe_key=f"refund.completed:{request.id}")
    if status is RefundStatus.FAILED:
        was_done = _move(request, (completed,), RefundStatus.FAILED, at, failure=refund.failure)
        if was_done:
            _enter_opposite(payment, request, refund, at)
        if was_done or _move(request, (processing,), RefundStatus.FAILED, at, failure=refund.failure):
            _tell_failure(request, refund.failure, at)
            # It is owed again, whatever became of the booking: a person sees to it.
            reason = f"refund_failed: {refund.failure or 'unknown'}"
            bookings.flag_for_review(request.tenant_id, request.booking_id, reason, at)


def _matching(payment: database.Row, refund: ProviderRefund) -> database.Row | None:
    """The request of a refund. One that was given up without a refund stays so: what comes of it all the same gets a
    row of its own, or the money would be in no ledger.
    """
    return database.row(
        "SELECT * FROM refund_request WHERE tenant_id = %s AND payment_id = %s AND (stripe_refund_id = %s"
        " OR (stripe_refund_id IS NULL AND id::text = %s AND status <> 'FAILED'))"
        " ORDER BY stripe_refund_id NULLS LAST LIMIT 1",
        payment.tenant_id,
        payment.id,
        refund.id,
        refund.metadata.get("refund_request", ""),
    )


def _external(payment: database.Row, refund: ProviderRefund, at: datetime) -> database.Row:
    """A row for a refund that was made at Stripe by hand, and a question to the owner."""
    request_id = uuid7()
    RefundRequest.insert(
        id=request_id, tenant_id=payment.tenant_id, booking_id=payment.booking_id, payment_id=payment.id,
        amount_cents=refund.amount_cents, currency=refund.currency, status=RefundStatus.PROCESSING,
        reason=RefundReason.EXTERNAL, idempotency_key=f"external-{refund.id}", stripe_refund_id=refund.id,
        requested_at=refund.created_at, changed_at=at,
    ).execute()  # fmt: skip
    bookings.flag_for_review(payment.tenant_id, payment.booking_id, "external_refund", at)
    return found.refund_request(payment.tenant_id, request_id)


def _move(
    request: database.Row, frm: tuple[RefundStatus, ...], to: RefundStatus, at: datetime, *, failure: str = ""
) -> bool:
    return (
        database.execute(
            "UPDATE refund_request SET status = %s, changed_at = %s, failure = %s"
            " WHERE tenant_id = %s AND id = %s AND status = ANY(%s)",
            to,
            at,
            failure,
            request.tenant_id,
            request.id,
            list(frm),
        )
        == 1
    )


def _enter(payment: database.Row, request: database.Row, refund: ProviderRefund, at: datetime) -> None:
    amounts = {LedgerKind.REFUND: -refund.amount_cents, LedgerKind.FEE_REFUND: -_fee_share(payment, request, refund)}
    for kind, amount_cents in amounts.items():
        ledger.enter(
            request.tenant_id, request.booking_id, kind=kind, amount_cents=amount_cents, currency=refund.currency,
            provider_id=refund.id, at=at, payment_id=payment.id, refund_request_id=request.id,
        )  # fmt: skip


def _enter_opposite(payment: database.Row, request: database.Row, refund: ProviderRefund, at: datetime) -> None:
    given_fee = database.value(
        "SELECT amount_cents FROM ledger_entry WHERE tenant_id = %s AND kind = 'fee_refund' AND provider_id = %s",
        request.tenant_id,
        refund.id,
    )
    rows = (
        (LedgerKind.REFUND_FAILED, refund.amount_cents, refund.id),
        (LedgerKind.FEE_REFUND, -(given_fee or 0), f"{refund.id}:failed"),
    )
    for kind, amount_cents, provider_id in rows:
        ledger.enter(
            request.tenant_id, request.booking_id, kind=kind, amount_cents=amount_cents, currency=refund.currency,
            provider_id=provider_id, at=at, payment_id=payment.id, refund_request_id=request.id,
        )  # fmt: skip


def _fee_share(payment: database.Row, request: database.Row, refund: ProviderRefund) -> int:
    """The part of the commission that goes back with our refund: in proportion, and all of it with the last cent."""
    if request.reason == RefundReason.EXTERNAL:
        return 0  # whoever made it chose at Stripe what becomes of the fee
    fee = ledger.total(request.tenant_id, payment.id, LedgerKind.FEE)
    given = -ledger.total(request.tenant_id, payment.id, LedgerKind.FEE_REFUND)
    back = -ledger.total(request.tenant_id, payment.id, LedgerKind.REFUND, LedgerKind.REFUND_FAILED)
    return int(fee * (back + refund.amount_cents) // payment.amount_cents) - given


def _close_stages(tenant_id: UUID, payment: database.Row) -> None:
    """A stage whose whole payment went back is REFUNDED."""
    back = -ledger.total(tenant_id, payment.id, LedgerKind.REFUND, LedgerKind.REFUND_FAILED)
    if back >= payment.amount_cents:
        database.execute(
            "UPDATE booking_payment_stage SET status = 'REFUNDED' WHERE tenant_id = %s AND status = 'COMPLETED'"
            " AND id IN (SELECT stage_id FROM payment_allocation WHERE tenant_id = %s AND payment_id = %s)",
            tenant_id,
            tenant_id,
            payment.id,
        )


def _tell_failure(request: database.Row, why: str, at: datetime) -> None:
    outbox.owe("refund.failed", request.id, dedupe_key=f"refund.failed:{request.id}")
    _note(request, "refund_failed", at, why=why)


def _note(request: database.Row, kind: str, at: datetime, **details: object) -> None:
    bookings.note_event(
        request.tenant_id,
        request.booking_id,
        at=at,
        actor=Actor.STRIPE,
        kind=kind,
        details={"amount_cents": request.amount_cents, "currency": request.currency, **details},
    )
