"""Giving money back: a request is committed before Stripe is asked, and one request is at most one refund.

Law: what goes back is never more than is left of the payment. The idempotency key is the request's own; before
every call the refund is looked for at Stripe by our id in its metadata. A retry is a new request with a key of its
own. ``execute`` and ``sync`` ask Stripe outside of any transaction.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from portal.bookings import service as bookings
from portal.bookings.states import Actor
from portal.db import database, outbox
from portal.kernel import failpoints
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.payments import disputes, found, gateway, refund_results
from portal.payments.gateway import ProviderRefund, Refused, SpentKey
from portal.payments.left import LEFT_OF_PAYMENT
from portal.payments.models import RefundRequest
from portal.payments.states import RefundReason, RefundStatus

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
log = logging.getLogger("aisle.payments")


def request(
    tenant_id: UUID,
    payment_id: UUID,
    *,
    reason: RefundReason,
    at: datetime,
    amount_cents: int | None = None,
    retry_of_id: UUID | None = None,
    quote_id: UUID | None = None,
    note: str = "",
    due_at: datetime | None = None,
    actor: Actor = Actor.SYSTEM,
    user_id: UUID | None = None,
) -> UUID:
    """Owe money back: all that is left of a payment, or an amount. Raises Invalid when that is more than is left.

    ``quote_id`` is the cancellation that it was shown in, ``note`` why, in the words of whoever asked for it.
    """
    with database.writing(tenant_id):
        payment = found.payment(tenant_id, payment_id)
        bookings.lock(tenant_id, payment.booking_id)
        left = left_of(tenant_id, payment_id)
        wanted = left if amount_cents is None else amount_cents
        if not 0 < wanted <= left:
            raise Invalid(N_("This is more than is left of the payment to give back."))
        request_id = uuid7()
        RefundRequest.insert(
            id=request_id, tenant_id=tenant_id, booking_id=payment.booking_id, payment_id=payment_id,
            retry_of_id=retry_of_id, amount_cents=wanted, currency=payment.currency, status=RefundStatus.PENDING,
            reason=reason, note=note, quote_id=quote_id, idempotency_key=f"refund-{request_id}", requested_at=at,
            changed_at=at,
        ).execute()  # fmt: skip
        outbox.owe("refund.execute", request_id, dedupe_key=f"refund.execute:{request_id}", due_at=due_at)
        bookings.note_event(
            tenant_id,
            payment.booking_id,
            at=at,
            actor=actor,
            user_id=user_id,
            kind="refund_requested",
            details={"amount_cents": wanted, "currency": payment.currency, "reason": reason},
        )
        return request_id


def retry(
    tenant_id: UUID,
    request_id: UUID,
    *,
    at: datetime,
    due_at: datetime | None = None,
    actor: Actor = Actor.SYSTEM,
    user_id: UUID | None = None,
) -> UUID:
    """A new request in the place of one that failed. Raises Conflict when it did not, or was retried already."""
    with database.writing(tenant_id):
        failed = found.refund_request(tenant_id, request_id)
        bookings.lock(tenant_id, failed.booking_id)
        is_retried = database.value(
            "SELECT 1 FROM refund_request WHERE tenant_id = %s AND retry_of_id = %s", tenant_id, request_id
        )
        if failed.status != RefundStatus.FAILED or is_retried:
            raise Conflict(N_("This refund has not failed, or was tried again already."))
        return request(
            tenant_id,
            failed.payment_id,
            reason=RefundReason(failed.reason),
            amount_cents=failed.amount_cents,
            retry_of_id=request_id,
            quote_id=failed.quote_id,
            note=failed.note,
            at=at,
            due_at=due_at,
            actor=actor,
            user_id=user_id,
        )


def left_of(tenant_id: UUID, payment_id: UUID) -> int:
    """What can still be given back of a payment."""
    return int(
        database.value(
            f"SELECT {LEFT_OF_PAYMENT} FROM payment WHERE tenant_id = %s AND id = %s",
            tenant_id,
            payment_id,
        )
        or 0
    )


def execute(tenant_id: UUID, request_id: UUID, *, at: datetime) -> None:
    """Carry a request out at Stripe, or find out that it was. Raises GatewayError when it must be tried again."""
    task = _begin(tenant_id, request_id, at)
    if task is None:
        return
    made, is_disputed = _look(task, at)
    if made is None:
        if is_disputed:
            refund_results.stop(tenant_id, request_id, why="dispute", at=at)
            return
        made = _call(task, at)
    if made is not None:
        refund_results.apply(tenant_id, task.payment_id, [made], at=at)


def ask_for_help(tenant_id: UUID, request_id: UUID, *, at: datetime) -> None:
    """Nobody tries this request again by itself, and what became of it is unknown: a person has to look at Stripe."""
    with database.writing(tenant_id):
        stuck = found.refund_request(tenant_id, request_id)
        if stuck.status in {RefundStatus.PENDING, RefundStatus.PROCESSING}:
            bookings.flag_for_review(tenant_id, stuck.booking_id, "refund_stopped: no answer for a day", at)


def sync(tenant_id: UUID, payment_id: UUID, *, at: datetime) -> None:
    """Take over every refund that Stripe has of a payment, whoever made it. Raises GatewayError."""
    with database.reading(tenant_id):
        payment = found.payment(tenant_id, payment_id)
    made = gateway.current().refunds_of(payment.stripe_payment_intent_id, account=payment.stripe_account_id)
    refund_results.apply(tenant_id, payment_id, made, at=at)


def _call(task: database.Row, at: datetime) -> ProviderRefund | None:
    """Ask Stripe once; None when it never will with this key."""
    failpoints.reach("refund.before_call")
    try:
        made = gateway.current().create_refund(
            intent_id=task.stripe_payment_intent_id,
            amount_cents=task.amount_cents,
            key=task.idempotency_key,
            account=task.stripe_account_id,
            metadata={"tenant": str(task.tenant_id), "booking": task.reference, "refund_request": str(task.id)},
            gives_fee_back=task.has_fee,
        )
    except SpentKey:
        _begin_anew(task.tenant_id, task.id, at)
        return None
    except Refused as error:
        log.error("refund %s was refused: %s", task.id, error)  # noqa: TRY400  Stripe's answer says it all
        refund_results.stop(task.tenant_id, task.id, why=error.code, at=at)
        return None
    failpoints.reach("refund.after_call")
    return made


def _begin_anew(tenant_id: UUID, request_id: UUID, at: datetime) -> None:
    """The key only repeats an error and no refund carries our id: another request, later each time."""
    with database.writing(tenant_id):
        old = found.refund_request(tenant_id, request_id)
        bookings.lock(tenant_id, old.booking_id)
        if refund_results.fail_quietly(old, why="spent_key", at=at):
            retry(tenant_id, request_id, at=at, due_at=at + _wait_after(tenant_id, old))


def _wait_after(tenant_id: UUID, old: database.Row) -> timedelta:
    tries = database.value(
        "SELECT count(*) FROM refund_request WHERE tenant_id = %s AND payment_id = %s AND status = 'FAILED'",
        tenant_id,
        old.payment_id,
    )
    return min(_FIRST_WAIT * (1 << min(int(tries), 10)), _LONGEST_WAIT)


def _look(task: database.Row, at: datetime) -> tuple[ProviderRefund | None, bool]:
    """The refund that an earlier try made, and whether the payment is being disputed."""
    stripe = gateway.current()
    made = stripe.refunds_of(task.stripe_payment_intent_id, account=task.stripe_account_id)
    refund_results.apply(task.tenant_id, task.payment_id, made, at=at)
    ours = [each for each in made if each.metadata.get("refund_request") == str(task.id)]
    if ours:
        return ours[0], False
    told = stripe.disputes_of(task.stripe_payment_intent_id, account=task.stripe_account_id)
    return None, any(disputes.is_open(each) for each in told)


def _begin(tenant_id: UUID, request_id: UUID, at: datetime) -> database.Row | None:
    """Mark a request as being carried out; None when it has its result."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE refund_request SET status = 'PROCESSING', changed_at = %s"
            " WHERE tenant_id = %s AND id = %s AND status = 'PENDING'",
            at,
            tenant_id,
            request_id,
        )
        return database.row(
            "SELECT r.id, r.tenant_id, r.payment_id, r.amount_cents, r.idempotency_key, b.reference,"
            " p.stripe_payment_intent_id, p.stripe_account_id, EXISTS (SELECT 1 FROM ledger_entry l"
            "   WHERE l.tenant_id = p.tenant_id AND l.payment_id = p.id AND l.kind = 'fee') AS has_fee"
            " FROM refund_request r JOIN payment p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id"
            " JOIN booking b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id"
            " WHERE r.tenant_id = %s AND r.id = %s AND r.status = 'PROCESSING' AND r.stripe_refund_id IS NULL",
            tenant_id,
            request_id,
        )
