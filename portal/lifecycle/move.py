"""Moving a date: what it means is shown first, then confirmed; what it costs is paid before anything changes.

Law: while a move is paid for, its new days are kept beside the old ones, under its quote. Paid in time, both sets of
days change hands in one transaction (``move_steps``); not paid, everything is as it was. The network is asked between
transactions only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.availability import service as dates
from portal.availability.rules import span
from portal.bookings import pricing, queries, quotes
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.policy.moving import MovePrice
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind, QuoteStatus
from portal.db import database
from portal.kernel.errors import Busy
from portal.kernel.text import N_
from portal.lifecycle import move_steps, move_terms, sessions
from portal.lifecycle import quote as offers
from portal.lifecycle.move_steps import Lapse
from portal.lifecycle.move_terms import MoveWish, NotMovable, Planned, refusal
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.payments import attempts, checkouts, restaged, restaging
from portal.payments.attempts import CheckoutView
from portal.payments.checkouts import NotOpened, Opened
from portal.payments.preparing import MOVE, Outlook
from portal.payments.states import CheckoutStatus, StageType

__all__ = ["MoveWish", "Moved", "NotMovable", "Requoted", "ToPay", "confirm", "give_up", "go_on", "refusal", "see"]

_ROUNDS = 4
_ALREADY = N_("Your date was moved already. Nothing was done twice.")
_UNKNOWN = N_("We no longer know what you were shown. Nothing was changed. Please choose the new date once more.")
_ON_ITS_WAY = N_("The payment for your new date is on its way, so it can no longer be given up.")
_NONE_WAITS = N_("No new date waits for its payment any more. Your booking's page shows how it stands.")


@dataclass(frozen=True, slots=True)
class Moved:
    """It is done: the new date, and what goes back."""

    event_on: date
    refund_cents: int


@dataclass(frozen=True, slots=True)
class ToPay:
    """The new date is kept until it is paid: Stripe's page for it, or why there is none."""

    answer: Opened | NotOpened


@dataclass(frozen=True, slots=True)
class _Links:
    """Where Stripe leads back to, and the words for what is paid."""

    success_url: str
    cancel_url: str
    labels: Mapping[StageType, str] | None


class _SessionsOpen(Exception):
    """A signal between two steps, never shown: sessions have to be ended first."""

    def __init__(self, found: list[CheckoutView]) -> None:
        super().__init__(len(found))
        self.found = found


def see(
    tenant_id: UUID,
    booking_id: UUID,
    wish: MoveWish,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID | None = None,
    fee_cents: int | None = None,
    price: MovePrice | None = None,
) -> Quote:
    """Offer a move as it would be now. ``fee_cents`` and ``price`` are the business's to choose; a couple has terms.

    Raises NotMovable, DateTaken, and Invalid for ``event_on``, ``package`` or ``fee``.
    """
    asked = {
        "event_on": wish.event_on.isoformat(),
        "package_id": wish.package_id and str(wish.package_id),
        "fee_cents": fee_cents,
        "price": price and price.value,
    }
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        planned = _work_out(booking, asked, actor, at)
        return offers.offer(booking, planned.change, actor=actor, user_id=user_id, at=at)


def confirm(
    tenant_id: UUID,
    booking_id: UUID,
    quote_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID | None = None,
    success_url: str = "",
    cancel_url: str = "",
    labels: Mapping[StageType, str] | None = None,
) -> Moved | ToPay | Requoted:
    """Move as the quote says, or lead to its payment; or, when it no longer holds, what would be done now instead.

    Asks Stripe, so no transaction may be open. Confirmed again while it waits, it leads to the same payment. Raises
    NotMovable, DateTaken, Invalid, Unavailable when a session that sells what changes could not be ended, Busy.
    """
    links = _Links(success_url, cancel_url, labels)
    for _ in range(_ROUNDS):
        try:
            answer = _confirm(tenant_id, booking_id, quote_id, actor, user_id, links, at)
        except _SessionsOpen as blocked:
            sessions.clear(blocked.found, at=at)
        else:
            if isinstance(answer, CheckoutView):
                return ToPay(checkouts.open_session(tenant_id, answer.id, at=at, known=answer))
            return answer
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def go_on(tenant_id: UUID, booking_id: UUID, *, at: datetime) -> Opened | NotOpened:
    """Stripe's page for the move that waits, once more. Asks Stripe. Raises NotMovable when none waits."""
    with database.reading(tenant_id):
        if quotes.waiting_move(tenant_id, booking_id) is None:
            raise NotMovable(_NONE_WAITS)
        checkout = attempts.newest(tenant_id, booking_id, MOVE)
    return checkouts.open_session(tenant_id, checkout.id, at=at)


def give_up(tenant_id: UUID, booking_id: UUID, *, actor: Actor, at: datetime, user_id: UUID | None = None) -> bool:
    """Give up the move that waits; its session is ended at Stripe first. False when it was paid meanwhile: it is done.

    Raises NotMovable when none waits, or while a bank works on its payment, Unavailable, Busy.
    """
    with database.reading(tenant_id):
        if quotes.waiting_move(tenant_id, booking_id) is None:
            raise NotMovable(_NONE_WAITS)
    for _ in range(_ROUNDS):
        with database.writing(tenant_id):
            booking = bookings.lock(tenant_id, booking_id)
            quote = quotes.waiting_move(tenant_id, booking_id)
            if quote is None:
                return False
            live = attempts.live(tenant_id, booking_id, MOVE)
            if any(each.status is CheckoutStatus.PROCESSING for each in live):
                raise NotMovable(_ON_ITS_WAY)
            if not live:
                move_steps.lapse(booking, quote, Lapse.GIVEN_UP, actor=actor, user_id=user_id, at=at)
                return True
        sessions.clear(live, at=at)
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def _confirm(  # noqa: PLR0917  the verb's own
    tenant_id: UUID, booking_id: UUID, quote_id: UUID, actor: Actor, user_id: UUID | None, links: _Links, at: datetime
) -> Moved | CheckoutView | Requoted:
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        shown = _shown(booking, quote_id, actor)
        waiting = quotes.waiting_move(tenant_id, booking_id)
        if waiting and waiting.id == shown.id:
            return attempts.newest(tenant_id, booking_id, MOVE)
        planned = _work_out(booking, shown.wish, actor, at)
        why = offers.why_not(shown, booking, planned.change, actor=actor, at=at)
        if why is not None:
            return Requoted(offers.offer(booking, planned.change, actor=actor, user_id=user_id, at=at), why)
        is_paid_first = bool(planned.restaging.first)
        # What is going to change must not be sold any more; while the move is paid for, nothing else is.
        found = sessions.in_the_way(tenant_id, booking_id, None if is_paid_first else planned.restaging.voided)
        if found:
            raise _SessionsOpen(found)
        quotes.confirm(tenant_id, shown, wish=shown.wish, at=at)
        if is_paid_first:
            return _wait(booking, shown, planned, links, at)
        move_steps.carry_out(booking, shown, planned.restaging, actor=actor, user_id=user_id, at=at)
        return Moved(planned.place.event_on, planned.restaging.refund_cents)


def _shown(booking: Booking, quote_id: UUID, actor: Actor) -> Quote:
    shown = quotes.load(booking.tenant_id, booking.id, quote_id)
    if shown is None or shown.kind is not ChangeKind.MOVE or shown.actor is not actor:
        raise NotMovable(_UNKNOWN)
    if shown.status is QuoteStatus.DONE:
        raise NotMovable(_ALREADY)
    return shown


def _work_out(booking: Booking, wish: Mapping[str, object], actor: Actor, at: datetime) -> Planned:
    view, account = queries.by_id(booking.tenant_id, booking.id), overview(booking.tenant_id, booking.id)
    return move_terms.work_out(view, account, wish, actor=actor, at=at)


def _wait(booking: Booking, quote: Quote, planned: Planned, links: _Links, at: datetime) -> CheckoutView:
    """Keep the new days beside the old ones, and write down the attempt to pay for them."""
    tenant_id, place = booking.tenant_id, planned.place
    rest = restaging.after(restaged.load(tenant_id, booking.id), planned.restaging)
    dates.claim_for_change(
        tenant_id,
        resource_id=place.resource_id,
        booking_id=booking.id,
        quote_id=quote.id,
        days=span(place.event_on, place.days, place.buffer_days).all_days,
    )
    first = restaged.propose(
        tenant_id, booking.id, planned.restaging.first, quote_id=quote.id, currency=booking.currency
    )
    details = {"quote": str(quote.id), "event_on": quote.result["event_on"]}
    bookings.note_event(tenant_id, booking.id, at=at, actor=quote.actor, kind="move_waits", details=details)
    return checkouts.prepare(
        tenant_id,
        booking.id,
        stages=first,
        purpose=MOVE,
        at=at,
        success_url=links.success_url,
        cancel_url=links.cancel_url,
        labels=links.labels,
        outlook=Outlook(
            event_on=place.event_on,
            commission_cents=pricing.commission_at(planned.price.total_cents, booking.commission_bp).cents,
            total_cents=planned.price.total_cents,
            rest_cents=[part.amount_cents for part in rest],
        ),
    )
