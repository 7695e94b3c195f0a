"""What each kind of effect leads to: a table, each entry a thin call into the portal.

A reaction runs outside of any transaction and may run again: it returns when the effect is done or no longer needed,
and raises when it must be tried later.
"""

from collections.abc import Callable
from uuid import UUID

from portal.bookings.states import Actor
from portal.invoices import rendering
from portal.invoices import service as invoices
from portal.kernel import time
from portal.lifecycle import finish, hints, release, settle
from portal.messages import account, plans, sending, service
from portal.payments import refunds
from tasks.claims import Effect

Reaction = Callable[[Effect], object]

# A couple looks at a page that waits for these; refunds and mails may follow.
URGENT = ("webhook.handle", "checkout.settle")


def _with_documents(tell: Reaction) -> Reaction:
    """What happened to a booking is told first, then its documents are brought up to it."""

    def react(effect: Effect) -> None:
        tell(effect)
        invoices.keep_up(effect.tenant, effect.subject_id, at=time.now())

    return react


def _refund_completed(effect: Effect) -> None:
    invoices.keep_up(effect.tenant, UUID(effect.payload["booking_id"]), at=time.now())


def _settle_checkout(effect: Effect) -> None:
    """Somebody came back from Stripe: what became of their attempt? One that ran out frees its date."""
    settled = settle.settle(effect.tenant, effect.subject_id, at=time.now())
    if settled.outcome is settle.Outcome.EXPIRED:
        release.release(effect.tenant, settled.booking_id, at=time.now())


def _handle_webhook(effect: Effect) -> None:
    named = effect.payload.get("named", {})
    hints.handle(effect.subject_id, named=named, attempts_made=effect.attempts, at=time.now())


def _send_message(effect: Effect) -> None:
    sending.send(effect.tenant, effect.subject_id, at=time.now(), is_first_attempt=effect.attempts == 1)


def _send_reset(effect: Effect) -> None:
    account.send_reset(effect.id, effect.subject_id, at=time.now(), is_first_attempt=effect.attempts == 1)


def _payment_returned(effect: Effect) -> None:
    refund_request_id = UUID(effect.payload["refund_request_id"])
    plans.payment_returned(effect.tenant, effect.subject_id, refund_request_id=refund_request_id, at=time.now())


def _link_requested(effect: Effect) -> None:
    token_id = effect.payload.get("token_id")
    plans.link_requested(
        effect.tenant, effect.subject_id, token_id=token_id and UUID(token_id), slot=_resend(effect), at=time.now()
    )


def _links_requested(effect: Effect) -> None:
    """Without a tenant it came from somebody who named a booking that does not exist."""
    if effect.tenant_id is not None:
        plans.links_requested(effect.tenant_id, effect.payload["digest"], slot=_resend(effect), at=time.now())


def _stages_paid(effect: Effect) -> None:
    payment_id = UUID(effect.payload["payment_id"])
    plans.stages_paid(effect.tenant, effect.subject_id, payment_id=payment_id, at=time.now())


def _cancelling(effect: Effect) -> None:
    plans.cancelling(effect.tenant, effect.subject_id, slot=effect.payload["quote_id"], at=time.now())


def _cancelled(effect: Effect) -> None:
    plans.cancelled(effect.tenant, effect.subject_id, slot=effect.payload["quote_id"], at=time.now())


def _cancellation_undone(effect: Effect) -> None:
    slot, actor = effect.payload["quote_id"], Actor(effect.payload["actor"])
    plans.cancellation_undone(effect.tenant, effect.subject_id, slot=slot, actor=actor, at=time.now())


def _resend(effect: Effect) -> str:
    return f"resend-{effect.id}"


# fmt: off
REACTIONS: dict[str, Reaction] = {
    "webhook.handle": _handle_webhook,
    "checkout.settle": _settle_checkout,
    "refund.execute": lambda e: refunds.execute(e.tenant, e.subject_id, at=time.now()),
    "refund.completed": _refund_completed,
    "booking.confirmed": _with_documents(lambda e: plans.booking_confirmed(e.tenant, e.subject_id, at=time.now())),
    "booking.payment_returned": _with_documents(_payment_returned),
    "booking.payment_failed": lambda e: plans.payment_failed(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "booking.stages_paid": _with_documents(_stages_paid),
    "booking.link_requested": _link_requested,
    "address.links_requested": _links_requested,
    "booking.needs_review": lambda e: plans.needs_review(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "refund.failed": lambda e: plans.refund_failed(e.tenant, e.subject_id, at=time.now()),
    "booking.end_sessions": lambda e: finish.end_sessions(e.tenant, e.subject_id, at=time.now()),
    "booking.finish_cancelling": lambda e: finish.finish(e.tenant, e.subject_id, at=time.now()),
    "booking.cancelling": _cancelling,
    "booking.cancelled": _with_documents(_cancelled),
    "booking.cancellation_undone": _cancellation_undone,
    "invoice.render": lambda e: rendering.render(e.tenant, e.subject_id, at=time.now()),
    "message.send": _send_message,
    "account.reset_mail": _send_reset,
}
# fmt: on


def react(effect: Effect) -> None:
    """Carry out one effect."""
    REACTIONS[effect.kind](effect)


def mourn(effect: Effect, failure: str) -> None:
    """An effect is dead: say so where a person will see it."""
    if effect.kind == "message.send" and effect.tenant_id is not None:
        service.record_failed(effect.tenant_id, effect.subject_id, failure=failure)
    elif effect.kind == "webhook.handle":
        hints.bury(effect.subject_id, at=time.now(), failure=failure)
    elif effect.kind == "refund.execute":
        refunds.ask_for_help(effect.tenant, effect.subject_id, at=time.now())
