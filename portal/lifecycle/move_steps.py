"""The ends of a move: done, at once or by its payment; or lapsed, and then everything is as it was before.

Law: both sets of days change hands in one transaction, together with price, stages and what goes back. Runs inside the
caller's transaction, which holds the booking's row.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.availability import service as dates
from portal.availability.rules import span
from portal.bookings import changing, queries, quotes, tokens
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, BookingStatus, LinkAction, QuoteStatus
from portal.db import database, outbox
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.lifecycle import move_figures, repricing
from portal.lifecycle.overview import overview
from portal.payments import attempts, captures, restaged
from portal.payments.attempts import CheckoutView
from portal.payments.restaging import How, Restaging
from portal.payments.states import LIVE_CHECKOUTS, RefundReason


class Lapse(StrEnum):
    """Why a move that waited for its money is not going to happen."""

    TIME = "time"
    PAYMENT_FAILED = "payment_failed"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"  # what it was to change became something else meanwhile, or its new day has passed


_TOLD = {Lapse.TIME, Lapse.PAYMENT_FAILED, Lapse.OVERTAKEN}


def carry_out(
    booking: Booking,
    quote: Quote,
    restaging: Restaging,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID | None = None,
) -> None:
    """Do what a quote says. Raises DateTaken."""
    tenant_id, place = booking.tenant_id, move_figures.place_of(quote)
    days = span(place.event_on, place.days, place.buffer_days)
    dates.claim_days(tenant_id, resource_id=place.resource_id, booking_id=booking.id, kinds=days.confirmed())
    repricing.carry_out(booking, move_figures.price_of(quote), restaging, quote_id=quote.id, at=at)
    changing.move(booking, place, counts=quote.actor is Actor.COUPLE, at=at)
    quotes.end(tenant_id, quote.id, to=QuoteStatus.DONE, at=at)
    tokens.use_up(tenant_id, booking.id, LinkAction.RESCHEDULE, at=at)
    bookings.note_event(
        tenant_id, booking.id, at=at, actor=actor, user_id=user_id, kind="moved", details=_told(booking, quote)
    )
    key = f"booking.moved:{quote.id}"
    outbox.owe("booking.moved", booking.id, payload={"quote_id": str(quote.id)}, dedupe_key=key)


def paid(booking: Booking, amounts: Mapping[UUID, int], payment_id: UUID, *, at: datetime) -> RefundReason | None:
    """Money came for a move: do it; or why the money goes back, and then the old date stays."""
    tenant_id = booking.tenant_id
    quote = quotes.waiting_move(tenant_id, booking.id)
    if quote is None or not captures.are_open(tenant_id, amounts):
        return RefundReason.DUPLICATE if captures.is_paid(tenant_id, amounts) else RefundReason.NOT_OWED
    if booking.status != BookingStatus.CONFIRMED or move_figures.place_of(quote).event_on < _today(booking, at):
        lapse(booking, quote, Lapse.OVERTAKEN, actor=Actor.SYSTEM, at=at)
        return RefundReason.NOT_OWED
    try:
        with database.savepoint():
            restaged.adopt(tenant_id, quote.id)
            captures.allocate(tenant_id, payment_id, amounts)
            carry_out(booking, quote, _as_it_stands(booking, quote, at), actor=quote.actor, at=at)
    except Conflict:
        lapse(booking, quote, Lapse.OVERTAKEN, actor=Actor.SYSTEM, at=at)
        return RefundReason.NOT_OWED
    return None


def failed(booking: Booking, checkout: CheckoutView, *, at: datetime) -> None:
    """The payment of a move came to nothing after all: unless another attempt is alive, the move has lapsed.

    It may be that of an earlier move, which the one that waits now has nothing to do with.
    """
    quote = quotes.waiting_move(booking.tenant_id, booking.id)
    tries = attempts.of_change(booking.tenant_id, quote.id) if quote else []
    is_its_own = any(each.id == checkout.id for each in tries)
    if quote and is_its_own and not any(each.status in LIVE_CHECKOUTS for each in tries):
        lapse(booking, quote, Lapse.PAYMENT_FAILED, actor=Actor.STRIPE, at=at)


def lapse(
    booking: Booking, quote: Quote, why: Lapse, *, actor: Actor, at: datetime, user_id: UUID | None = None
) -> None:
    """Free what was kept for a move that waits, and let go of what was asked for it; nothing else has changed."""
    tenant_id = booking.tenant_id
    quotes.end(tenant_id, quote.id, to=QuoteStatus.LAPSED, at=at)
    dates.release_change(tenant_id, quote_id=quote.id)
    restaged.drop(tenant_id, quote.id)
    details = {"quote": str(quote.id), "event_on": quote.result["event_on"], "why": why.value}
    bookings.note_event(tenant_id, booking.id, at=at, actor=actor, user_id=user_id, kind="move_lapsed", details=details)
    if why in _TOLD:
        outbox.owe(
            "booking.move_lapsed",
            booking.id,
            payload={"quote_id": str(quote.id), "why": why.value},
            dedupe_key=f"booking.move_lapsed:{quote.id}",
        )


def lapse_waiting(booking: Booking, why: Lapse, *, actor: Actor, at: datetime, user_id: UUID | None = None) -> None:
    """The same for the move that waits, if there is one."""
    quote = quotes.waiting_move(booking.tenant_id, booking.id)
    if quote:
        lapse(booking, quote, why, actor=actor, at=at, user_id=user_id)


def _as_it_stands(booking: Booking, quote: Quote, at: datetime) -> Restaging:
    """What becomes of the stages now that what came first is paid, and whatever else was paid meanwhile."""
    view, account = queries.by_id(booking.tenant_id, booking.id), overview(booking.tenant_id, booking.id)
    return repricing.plan_for(
        view,
        account,
        total_cents=quote.result["total_cents"][1],
        event_on=move_figures.place_of(quote).event_on,
        today=_today(booking, at),
        how=How.NEW_DATE,
    )


def _today(booking: Booking, at: datetime) -> date:
    return time.today(database.value("SELECT timezone FROM tenant WHERE id = %s", booking.tenant_id), at)


def _told(booking: Booking, quote: Quote) -> dict[str, object]:
    result = quote.result
    told: dict[str, object] = {
        "quote": str(quote.id),
        "event_on": result["event_on"],
        "fee_cents": result["fee_cents"],
        "refund_cents": result["refund_cents"],
        "currency": booking.currency,
    }
    if result["total_cents"][0] != result["total_cents"][1]:
        told["total_cents"] = result["total_cents"]
    if result["package"][0] != result["package"][1]:
        told["package"] = result["package"]
    return told
