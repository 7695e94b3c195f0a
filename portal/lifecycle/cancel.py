"""Giving a booking up: what that gives back is shown first, then confirmed, then it can be undone for a while.

Law: what goes back is fixed when the cancellation is confirmed. Until the time to undo ends (``finish``) the date stays
claimed and the money stays where it is. Cancelling and refunding are separate things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.bookings import queries, quotes, tokens
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.policy.refund import Part, rebooked_share, spread
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, BookingStatus, ChangeKind, LinkAction
from portal.db import database, outbox
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.money import Money
from portal.kernel.text import N_, clean_block
from portal.lifecycle import move_steps, terms
from portal.lifecycle import quote as offers
from portal.lifecycle.move_steps import Lapse
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Change, Requoted

LONGEST_REASON = 1_000
_NOT_THIS_ONE = {
    BookingStatus.HELD: N_("This date is held and not paid yet. The hold ends by itself, and nothing was charged."),
    BookingStatus.EXPIRED: N_("The hold on this date has ended already. There is nothing to cancel."),
    BookingStatus.CANCELLING: N_("This booking is being cancelled already. Nothing was done twice."),
    BookingStatus.CANCELLED: N_("This booking was cancelled already. Nothing was done twice."),
    BookingStatus.COMPLETED: N_("The day has passed, so this booking can no longer be cancelled."),
}


class NotCancellable(Conflict):
    """The booking is in no state that can be given up; the sentence says how it stands."""

    code = "not_cancellable"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The booking is being cancelled; until when that can be undone."""

    undo_until: datetime
    can_be_undone: bool


def refusal(booking: BookingView, *, today: date) -> NotCancellable | None:
    """Why a booking cannot be given up now, or nothing."""
    sentence = _NOT_THIS_ONE.get(booking.status)
    if sentence is None and booking.event_on + timedelta(days=booking.days) <= today:
        sentence = _NOT_THIS_ONE[BookingStatus.COMPLETED]
    return NotCancellable(sentence) if sentence else None


def see(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID | None = None,
    refund_cents: int | None = None,
    reason: str = "",
) -> Quote:
    """Offer a cancellation as it would be now. The business may give back more than the terms, never less.

    Raises NotCancellable, and Invalid for ``amount`` or ``reason``.
    """
    wish = {"refund_cents": refund_cents, "reason": _clean(reason)}
    if refund_cents is not None and not wish["reason"]:
        text = N_("Please say why you give back more than the terms.")
        raise Invalid(text, {"reason": text})
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        return offers.offer(booking, _change(booking, wish, at), actor=actor, user_id=user_id, at=at)


def confirm(
    tenant_id: UUID,
    booking_id: UUID,
    quote_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    user_id: UUID | None = None,
    reason: str | None = None,
) -> Confirmed | Requoted:
    """Begin to cancel as the quote says; or, when it no longer holds, what would be done now, and nothing is done.

    ``reason`` is the couple's, given with the confirmation. Raises NotCancellable and Invalid.
    """
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        shown = quotes.load(tenant_id, booking_id, quote_id)
        is_theirs = shown is not None and shown.kind is ChangeKind.CANCEL and shown.actor is actor
        wish = dict(shown.wish) if shown and is_theirs else {"refund_cents": None, "reason": ""}
        change = _change(booking, wish, at)
        why = offers.why_not(shown, booking, change, actor=actor, at=at)
        if shown is None or why is not None:
            assert why is not None  # noqa: S101  no quote is a reason
            return Requoted(offers.offer(booking, change, actor=actor, user_id=user_id, at=at), why)
        if reason is not None:
            wish["reason"] = _clean(reason)
        move_steps.lapse_waiting(booking, Lapse.CANCELLED, actor=actor, user_id=user_id, at=at)
        quotes.confirm(tenant_id, shown, wish=wish, at=at)
        return _begin(booking, shown, str(wish["reason"]), user_id, at)


def _begin(booking: Booking, quote: Quote, reason: str, user_id: UUID | None, at: datetime) -> Confirmed:
    minutes, refund_cents = quote.result["undo_minutes"], quote.result["refund_cents"]
    undo_until = at + timedelta(minutes=minutes)
    database.execute(
        "UPDATE booking SET cancel_requested_at = %s, cancel_undo_until = %s, cancel_actor = %s, cancel_reason = %s,"
        " cancel_refund_cents = %s WHERE tenant_id = %s AND id = %s",
        at,
        undo_until,
        quote.actor,
        reason,
        refund_cents,
        booking.tenant_id,
        booking.id,
    )
    bookings.transition(
        booking.tenant_id,
        booking.id,
        frm=BookingStatus.CONFIRMED,
        to=BookingStatus.CANCELLING,
        at=at,
        actor=quote.actor,
        user_id=user_id,
        kind="cancelling",
        details={"quote": str(quote.id), "refund_cents": refund_cents, "currency": booking.currency},
    )
    if quote.actor is Actor.COUPLE:
        tokens.use_up(booking.tenant_id, booking.id, LinkAction.CANCEL, at=at)
    payload = {"quote_id": str(quote.id)}
    outbox.owe("booking.end_sessions", booking.id, dedupe_key=f"booking.end_sessions:{quote.id}")
    outbox.owe("booking.cancelling", booking.id, payload=payload, dedupe_key=f"booking.cancelling:{quote.id}")
    outbox.owe(
        "booking.finish_cancelling",
        booking.id,
        dedupe_key=f"booking.finish_cancelling:{quote.id}",
        due_at=undo_until if minutes else None,
    )
    return Confirmed(undo_until, can_be_undone=minutes > 0)


def _change(booking: Booking, wish: Mapping[str, object], at: datetime) -> Change:
    """What a cancellation would do now. Raises NotCancellable, and Invalid for an amount that cannot be given back."""
    tenant_id = booking.tenant_id
    business = database.row("SELECT timezone, undo_minutes FROM tenant WHERE id = %s", tenant_id)
    assert business is not None  # noqa: S101  the booking points at it
    view, account = queries.by_id(tenant_id, booking.id), overview(tenant_id, booking.id)
    if refused := refusal(view, today=time.today(business.timezone, at)):
        raise refused
    by_terms = terms.refund_of(view, account, zone=business.timezone, at=at)
    figures, parts = by_terms.figures, by_terms.parts
    wanted = wish["refund_cents"]
    if isinstance(wanted, int):
        _check_amount(wanted, figures.refund_cents, figures.captured_cents, booking.currency)
        parts = tuple(spread(terms.payments(account), wanted))
    refund_cents = sum(part.cents for part in parts)
    kept_cents = figures.captured_cents - refund_cents
    return Change(
        kind=ChangeKind.CANCEL,
        wish=wish,
        basis={
            "captured_cents": figures.captured_cents,
            "terms_refund_cents": figures.refund_cents,
            "reason": figures.basis.reason.value,
            "percent": figures.basis.percent,
            "tier_days": figures.basis.tier_days,
            "fixed_cents": figures.basis.fixed_cents,
            "late_add_ons_cents": figures.basis.late_add_ons_cents,
        },
        result={
            "event_on": view.event_on.isoformat(),
            "refund_cents": refund_cents,
            "kept_cents": kept_cents,
            "rebooked_cents": rebooked_share(view.policy.cancellation, kept_cents),
            "void_cents": account.open_cents,
            "undo_minutes": business.undo_minutes,
            "refunds": [_shown(part) for part in parts],
        },
        amount_cents=-refund_cents,
    )


def _shown(part: Part) -> dict[str, object]:
    return {"payment_id": str(part.payment_id), "amount_cents": part.cents}


def _check_amount(wanted: int, least: int, most: int, currency: str) -> None:
    if wanted > most:
        text = Invalid(
            N_("At most %(most)s can be given back: that is what is left of the payments."), most=Money(most, currency)
        )
    elif wanted < least:
        text = Invalid(
            N_("By the terms the couple gets %(least)s back. It can be more, not less."), least=Money(least, currency)
        )
    else:
        return
    raise Invalid(text.message, {"amount": text}, **text.params)


def _clean(reason: str) -> str:
    try:
        return clean_block(reason, most=LONGEST_REASON)
    except Invalid as error:
        raise Invalid(error.message, {"reason": error}, **error.params) from error
