"""What each kind of effect leads to: a table, each entry a thin call into the portal.

A reaction runs outside of any transaction and may run again: it returns when the effect is done or no longer needed,
and raises when it must be tried later.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from uuid import UUID

from portal.bookings.states import Actor
from portal.calendars import clearing, comparing, owing, refreshing, syncing
from portal.invoices import packing, printer, rendering
from portal.invoices import service as invoices
from portal.kernel import time
from portal.lifecycle import finish, hints, rebooked, release, settle, waiting
from portal.messages import (
    account,
    calendar_trouble,
    clash_plans,
    courtesy_plans,
    detail_plans,
    document_plans,
    heard,
    owner_plans,
    planning,
    plans,
    sending,
    stopped,
    waiting_plans,
)
from portal.messages.wording import trial
from portal.payments import refunds
from tasks.claims import Effect

Reaction = Callable[[Effect], object]

# A couple looks at a page that waits for these; refunds and mails may follow.
URGENT = ("webhook.handle", "checkout.settle")

# Raised by a reaction that has not begun: others are at what it needs, and it waits for its turn.
NOT_BEGUN = (printer.PrinterBusyError,)


def _followed(tell: Reaction, *followers: Reaction) -> Reaction:
    """What happened to a booking is told, then what hangs on it is brought up to it; one that fails stops no other."""

    def react(effect: Effect) -> None:
        with ExitStack() as acts:
            for each in reversed((tell, *followers)):
                acts.callback(each, effect)

    return react


def _documents(effect: Effect) -> None:
    invoices.keep_up(effect.tenant, effect.subject_id, at=time.now())


def _plan(effect: Effect) -> None:
    planning.keep_up(effect.tenant, effect.subject_id, at=time.now())


def _calendars(effect: Effect) -> None:
    owing.keep_up(effect.tenant, effect.subject_id)


def _refund_documents(effect: Effect) -> None:
    invoices.keep_up_with_refund(effect.tenant, effect.subject_id, at=time.now())


def _refund_failed(effect: Effect) -> None:
    plans.refund_failed(effect.tenant, effect.subject_id, at=time.now())


def _render_document(effect: Effect) -> None:
    """A PDF is made and its couple hears of it; of one that keeps failing they hear with a link, and it stays owed.

    Where another is being made nothing happens: this one waits for its turn.
    """
    try:
        rendering.render(effect.tenant, effect.subject_id, at=time.now())
    finally:
        document_plans.issued(effect.tenant, effect.subject_id, at=time.now())


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


def _send_test(effect: Effect) -> None:
    """Somebody would like to see their words as an email."""
    trial.send(
        effect.tenant,
        effect.subject_id,
        effect.payload["kind"],
        effect.payload["reference"],
        effect_id=effect.id,
        at=time.now(),
        is_first_attempt=effect.attempts == 1,
    )


def _send_reset(effect: Effect) -> None:
    account.send_reset(effect.id, effect.subject_id, at=time.now(), is_first_attempt=effect.attempts == 1)


def _booking_confirmed(effect: Effect) -> None:
    """Its couple and the business hear of it, and so may a couple that gave the date up."""
    plans.booking_confirmed(effect.tenant, effect.subject_id, at=time.now())
    clash_plans.busy_outside(effect.tenant, effect.subject_id, at=time.now())
    rebooked.look(effect.tenant, effect.subject_id, at=time.now())


def _payment_returned(effect: Effect) -> None:
    refund_request_id = UUID(effect.payload["refund_request_id"])
    plans.payment_returned(effect.tenant, effect.subject_id, refund_request_id=refund_request_id, at=time.now())


def _payment_sent_back(effect: Effect) -> None:
    refund_request_id = UUID(effect.payload["refund_request_id"])
    plans.payment_sent_back(effect.tenant, effect.subject_id, refund_request_id=refund_request_id, at=time.now())


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
    clash_plans.busy_outside(effect.tenant, effect.subject_id, at=time.now())
    rebooked.look(effect.tenant, effect.subject_id, at=time.now())  # its date is sold for good once more


def _moved(effect: Effect) -> None:
    """The couple and the business hear of it, and so may a couple that gave the new date up."""
    quote_id = UUID(effect.payload["quote_id"])
    plans.moved(effect.tenant, effect.subject_id, quote_id=quote_id, at=time.now())
    rebooked.look(effect.tenant, effect.subject_id, at=time.now())


def _move_lapsed(effect: Effect) -> None:
    quote_id = UUID(effect.payload["quote_id"])
    plans.move_lapsed(effect.tenant, effect.subject_id, quote_id=quote_id, at=time.now())


def _details_changed(effect: Effect) -> None:
    detail_plans.details_changed(effect.tenant, effect.subject_id, version=effect.payload["version"], at=time.now())


def _price_changed(effect: Effect) -> None:
    detail_plans.price_changed(effect.tenant, effect.subject_id, version=effect.payload["version"], at=time.now())


def _address_asked(effect: Effect) -> None:
    change_id = UUID(effect.payload["change_id"])
    detail_plans.address_asked(effect.tenant, effect.subject_id, change_id=change_id, at=time.now())


def _address_changed(effect: Effect) -> None:
    change_id = UUID(effect.payload["change_id"])
    detail_plans.address_changed(effect.tenant, effect.subject_id, change_id=change_id, at=time.now())


def _dates_freed(effect: Effect) -> None:
    resource_id = UUID(effect.payload["resource_id"])
    days = [date.fromisoformat(day) for day in effect.payload["days"]]
    waiting.offer_freed(effect.tenant, resource_id=resource_id, days=days, at=time.now())


def _disputed(effect: Effect) -> None:
    owner_plans.disputed(effect.tenant, effect.subject_id, dispute_id=effect.payload["dispute_id"], at=time.now())


def _courtesy_ends(effect: Effect) -> None:
    last_on = date.fromisoformat(effect.payload["last_on"])
    courtesy_plans.ends_soon(effect.tenant, effect.subject_id, last_on=last_on, at=time.now())


def _sync_calendar(effect: Effect) -> None:
    syncing.sync(
        effect.tenant,
        effect.subject_id,
        connection_id=UUID(effect.payload["connection_id"]),
        effect_id=effect.id,
        at=time.now(),
        is_further=effect.payload.get("is_further", False),
    )


def _resend(effect: Effect) -> str:
    return f"resend-{effect.id}"


# fmt: off
REACTIONS: dict[str, Reaction] = {
    "webhook.handle": _handle_webhook,
    "checkout.settle": _settle_checkout,
    "refund.execute": lambda e: refunds.execute(e.tenant, e.subject_id, at=time.now()),
    "booking.confirmed": _followed(_booking_confirmed, _documents, _plan, _calendars),
    "booking.payment_returned": _followed(_payment_returned, _documents),
    "booking.payment_sent_back": _followed(_payment_sent_back, _documents),
    "refund.completed": _refund_documents,
    "booking.payment_failed": lambda e: plans.payment_failed(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "booking.stages_paid": _followed(_stages_paid, _documents, _plan, _calendars),
    "booking.link_requested": _link_requested,
    "address.links_requested": _links_requested,
    "booking.busy_outside": lambda e: clash_plans.busy_outside(e.tenant, e.subject_id, at=time.now()),
    "booking.needs_review": lambda e: plans.needs_review(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "refund.failed": _followed(_refund_failed, _refund_documents),
    "booking.end_sessions": lambda e: finish.end_sessions(e.tenant, e.subject_id, at=time.now()),
    "booking.finish_cancelling": lambda e: finish.finish(e.tenant, e.subject_id, at=time.now()),
    "booking.cancelling": _followed(_cancelling, _plan, _calendars),
    "booking.cancelled": _followed(_cancelled, _documents, _plan, _calendars),
    "booking.cancellation_undone": _followed(_cancellation_undone, _plan, _calendars),
    "booking.plan": lambda e: planning.keep_up(e.tenant, e.subject_id, at=time.now()),
    "invoice.render": _render_document,
    "invoice.export": lambda e: packing.pack(e.tenant, e.subject_id, at=time.now()),
    "booking.rebooked": lambda e: plans.rebooked(e.tenant, e.subject_id, at=time.now()),
    "booking.moved": _followed(_moved, _documents, _plan, _calendars),
    "booking.move_lapsed": _move_lapsed,
    "booking.details_changed": _followed(_details_changed, _documents, _plan, _calendars),
    "booking.price_changed": _followed(_price_changed, _documents, _plan, _calendars),
    "booking.address_asked": _address_asked,
    "booking.address_changed": _followed(_address_changed, _documents, _plan, _calendars),
    "dates.freed": _dates_freed,
    "waitlist.joined": lambda e: waiting_plans.joined(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "waitlist.offered": lambda e: waiting_plans.offered(e.tenant, e.subject_id, at=time.now()),
    "waitlist.ended": lambda e: waiting_plans.ended(e.tenant, e.subject_id, at=time.now()),
    "waitlist.unreachable": lambda e: waiting.drop(e.tenant, e.subject_id, at=time.now()),
    "booking.courtesy_held": lambda e: courtesy_plans.held(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "booking.courtesy_ends": _courtesy_ends,
    "booking.challenged": lambda e: courtesy_plans.challenged(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "booking.courtesy_ended": lambda e: courtesy_plans.ended(e.tenant, e.subject_id, at=time.now()),
    "calendar.sync": _sync_calendar,
    "calendar.compare": lambda e: comparing.compare(e.tenant, e.subject_id, at=time.now()),
    "calendar.clear": lambda e: clearing.clear(e.tenant, e.subject_id, at=time.now()),
    "calendar.refused": lambda e: calendar_trouble.tell(e.tenant, e.subject_id, slot=str(e.id), at=time.now()),
    "calendar.refresh": lambda e: refreshing.refresh(e.tenant, e.subject_id, at=time.now()),
    "booking.disputed": _disputed,
    "message.send": _send_message,
    "wording.test": _send_test,
    "mail.heard": lambda e: heard.handle(e.subject_id, at=time.now()),
    "address.welcome": lambda e: stopped.welcome(e.tenant, e.subject_id),
    "message.failed": lambda e: owner_plans.mail_failed(e.tenant, e.subject_id, at=time.now()),
    "account.reset_mail": _send_reset,
}
# fmt: on


def react(effect: Effect) -> None:
    """Carry out one effect."""
    REACTIONS[effect.kind](effect)
