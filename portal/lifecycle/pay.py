"""Paying what is still open of a booking that stands: any stages, in one checkout, before or after they are due.

Law: the attempt is committed before Stripe is asked. The same choice finds its open session again; another choice ends
the sessions of the one before at Stripe first. A stage that is paid twice all the same is kept paid once (``fulfil``).
A date that is kept by courtesy is paid here as well, with everything that is due by then, and is booked by that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

from portal.bookings import quotes
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.states import BookingStatus
from portal.db import database, outbox
from portal.kernel import time
from portal.kernel.errors import Busy, Conflict
from portal.kernel.text import N_
from portal.lifecycle.overview import Overview, Stage
from portal.payments import attempts, checkouts
from portal.payments.attempts import CheckoutView
from portal.payments.checkouts import NotOpened, Opened, WhyNot
from portal.payments.gateway import GatewayError
from portal.payments.policy import LEAST_LEFT
from portal.payments.preparing import PURPOSE as BOOKING
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus, StageType

PURPOSE = "stages"
_ROUNDS = 4
# A page answers within 10 seconds, and opening a session may take 8: after a slow end of others "try again" does it.
_SECONDS_LEFT_FOR_STRIPE = 1.8
_NOT_THIS_ONE = {
    BookingStatus.HELD: N_("This date is held and not paid yet. Please go on to its payment from your booking's page."),
    BookingStatus.EXPIRED: N_("The hold on this date has ended, so there is nothing to pay."),
    BookingStatus.CANCELLING: N_("This booking is being cancelled, so there is nothing to pay."),
    BookingStatus.CANCELLED: N_("This booking was cancelled, so there is nothing to pay."),
}
_PAID = N_("Everything is paid. Thank you.")
_ON_ITS_WAY = N_("Your payment is on its way. Your bank needs some days for it; there is nothing you need to do.")
_MOVE_FIRST = N_("Your new date waits for its payment. Please pay for it, or give it up, before you pay anything else.")
_GONE = N_("What you chose was paid or changed meanwhile. Nothing was charged now.")
_DUE_FIRST = N_("The date is booked with what is due now, so that part cannot be left out. Nothing was charged.")


class NotPayable(Conflict):
    """There is nothing that could be paid now; the sentence says how it stands."""

    code = "not_payable"


class Kept(Protocol):
    """What a booking says of its being held."""

    @property
    def status(self) -> str: ...
    @property
    def is_courtesy(self) -> bool: ...
    @property
    def hold_expires_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Payment:
    """What somebody wants to pay, and where Stripe leads back to. ``labels`` are words for the stages' types.

    ``payer_label`` is whose shared link it is done with; the couple itself has none.
    """

    stages: frozenset[UUID]
    success_url: str
    cancel_url: str
    labels: Mapping[StageType, str]
    payer_label: str = ""


def payable(account: Overview, on_their_way: Collection[UUID]) -> list[Stage]:
    """The stages that can be paid now, soonest first."""
    return [stage for stage in account.open_stages if stage.id not in on_their_way]


def is_kept(booking: Kept, at: datetime) -> bool:
    """Whether a date is kept by courtesy and can be paid now."""
    until = booking.hold_expires_at
    return booking.status == BookingStatus.HELD and booking.is_courtesy and until is not None and until > at


def refusal(booking: Kept, account: Overview, on_their_way: Collection[UUID], *, at: datetime) -> NotPayable | None:
    """Why nothing of a booking can be paid now, or nothing."""
    sentence = _state_forbids(booking, at)
    if sentence is None and account.move:
        sentence = _MOVE_FIRST
    if sentence is None and not payable(account, on_their_way):
        sentence = _ON_ITS_WAY if account.open_stages else _PAID
    return NotPayable(sentence) if sentence else None


def pay(tenant_id: UUID, booking_id: UUID, wish: Payment, *, at: datetime) -> Opened | NotOpened:
    """Stripe's page for the chosen stages, or why there is none. Asks Stripe, so no transaction may be open.

    Raises NotPayable when they are not open any more, Busy when others keep changing it.
    """
    started = monotonic()
    for _ in range(_ROUNDS):
        checkout_id, others = _choose(tenant_id, booking_id, wish, at)
        if checkout_id is not None:
            return _open(tenant_id, checkout_id, wish, at)
        if answer := _end(others, at):
            return answer
        if monotonic() - started > _SECONDS_LEFT_FOR_STRIPE:
            return NotOpened(WhyNot.UNKNOWN, None, others[0].id)
    raise Busy(N_("Somebody else is changing this right now. Please try again."))


def _choose(tenant_id: UUID, booking_id: UUID, wish: Payment, at: datetime) -> tuple[UUID | None, list[CheckoutView]]:
    """The attempt for this choice, there already or new; or those that have to be ended first."""
    with database.writing(tenant_id):
        booking = bookings.lock(tenant_id, booking_id)
        purpose = _purpose(booking, wish, at)
        if quotes.waiting_move(tenant_id, booking_id):
            raise NotPayable(_MOVE_FIRST)
        if wish.stages & attempts.stages_on_their_way(tenant_id, booking_id):
            raise NotPayable(_ON_ITS_WAY)
        live = [each for each in attempts.of_booking(tenant_id, booking_id) if _is_payable(each, wish)]
        is_last = purpose == BOOKING and booking.courtesy_until <= at  # nothing new is begun after a courtesy's end
        least = timedelta() if is_last else LEAST_LEFT
        same = next((each for each in live if _is_for(each, wish, purpose) and each.expires_at > at + least), None)
        others = [each for each in live if each is not same]
        if is_last and same is None:
            raise NotPayable(_NOT_THIS_ONE[BookingStatus.EXPIRED])
        if others:
            return None, others
        if same is not None:
            return same.id, []
        try:
            made = checkouts.prepare(
                tenant_id,
                booking_id,
                stages=sorted(wish.stages),
                purpose=purpose,
                at=at,
                success_url=wish.success_url,
                cancel_url=wish.cancel_url,
                labels=wish.labels,
                payer_label=wish.payer_label,
            )
        except Conflict as error:
            raise NotPayable(_GONE) from error
        return made.id, []


def _state_forbids(booking: Kept, at: datetime) -> str | None:
    if is_kept(booking, at):
        return None
    is_over = booking.status == BookingStatus.HELD and booking.is_courtesy
    return _NOT_THIS_ONE.get(BookingStatus.EXPIRED if is_over else BookingStatus(booking.status))


def _purpose(booking: Booking, wish: Payment, at: datetime) -> str:
    """What an attempt would be for. Raises NotPayable."""
    if sentence := _state_forbids(booking, at):
        raise NotPayable(sentence)
    if booking.status != BookingStatus.HELD:
        return PURPOSE
    zone = database.value("SELECT timezone FROM tenant WHERE id = %s", booking.tenant_id)
    due = database.rows(
        "SELECT id FROM booking_payment_stage WHERE tenant_id = %s AND booking_id = %s"
        " AND status IN ('PENDING', 'FAILED') AND due_on <= %s",
        booking.tenant_id,
        booking.id,
        time.today(zone, at),
    )
    if not wish.stages.issuperset(row.id for row in due):
        raise NotPayable(_DUE_FIRST)
    return BOOKING


def _is_payable(checkout: CheckoutView, wish: Payment) -> bool:
    """Whether somebody could still pay this attempt for the stages of this booking."""
    if checkout.status not in LIVE_CHECKOUTS or checkout.status is CheckoutStatus.PROCESSING:
        return False
    return checkout.purpose == PURPOSE or bool(wish.stages & set(_sold(checkout)))


def _is_for(checkout: CheckoutView, wish: Payment, purpose: str) -> bool:
    """Whether it sells just these to the same payer: Stripe's page shows the address that it was opened for."""
    is_for_them = checkout.purpose == purpose and checkout.payer_label == wish.payer_label
    return is_for_them and wish.stages == set(_sold(checkout))


def _sold(checkout: CheckoutView) -> dict[UUID, int]:
    return attempts.sold_stages(checkout.tenant_id, checkout.id)


def _end(others: list[CheckoutView], at: datetime) -> NotOpened | None:
    """End sessions at Stripe; an answer when money came instead, or when Stripe cannot say."""
    for each in others:
        try:
            is_ended = checkouts.expire(each.tenant_id, each.id, at=at)
        except GatewayError:
            return NotOpened(WhyNot.UNKNOWN, None, each.id)
        if not is_ended:
            with database.writing(each.tenant_id):
                outbox.owe("checkout.settle", each.id)
            return NotOpened(WhyNot.PAID, None, each.id)
    return None


def _open(tenant_id: UUID, checkout_id: UUID, wish: Payment, at: datetime) -> Opened | NotOpened:
    answer = checkouts.open_session(tenant_id, checkout_id, at=at)
    if answer.checkout_id != checkout_id:  # a later attempt took its place: of this choice, or of another window's
        with database.reading(tenant_id):
            later = attempts.load(tenant_id, answer.checkout_id)
            if not _is_for(later, wish, later.purpose):
                raise NotPayable(
                    N_("You chose something else in another window. Nothing was charged. Please choose once more.")
                )
    return answer
