"""Where Stripe leads back to after a further payment: whether it arrived and what it paid, for whoever paid it.

The page never fulfils. It rings the worker's doorbell for its session, shows what is stored, and asks again for some
time.
"""

from enum import StrEnum
from uuid import UUID

from flask import Response, request, url_for

from portal.bookings.states import LinkAction, Purpose
from portal.db import database
from portal.kernel import time
from portal.lifecycle.overview import overview
from portal.payments import attempts, captures
from portal.payments.attempts import CheckoutView
from portal.payments.captures import Came
from portal.payments.preparing import MOVE
from portal.payments.preparing import PURPOSE as BOOKING
from portal.payments.states import LIVE_CHECKOUTS, CheckoutStatus
from portal.web import doorbell, htmx
from portal.web.couple.frame import bp, opened_by, own_booking, stranger, way_back
from portal.web.render import render_page_or_fragment


class Outcome(StrEnum):
    """What the page says of a payment."""

    WAITING = "waiting"
    PROCESSING = "processing"
    RECEIVED = "received"
    RETURNED = "returned"  # paid already, or not owed any more
    REVIEW = "review"
    NOT_PAID = "not_paid"


_LOOKS = {Outcome.WAITING: (2, 45), Outcome.PROCESSING: (20, 30)}  # seconds between looks, and how many


@bp.get("/manage/<reference>/paid")
def paid(reference: str) -> Response:
    """How the payment of ``?session=`` stands; to HTMX the fragment that asks again."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.RETURN)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    checkout = _returned_from(tenant.id, booking.id)
    if checkout is None:
        return htmx.see_other(url_for("couple.manage", reference=reference))
    if checkout.status in LIVE_CHECKOUTS:
        doorbell.ring_after(tenant.id, checkout.id, at=at)
    came = captures.of_checkout(tenant.id, checkout.id)
    outcome = _outcome(checkout, came)
    seconds, most = _LOOKS.get(outcome, (0, 0))
    look, session = doorbell.next_look(most), checkout.stripe_checkout_session_id
    return render_page_or_fragment(
        "couple/paid.html",
        "couple/parts/paid.html",
        booking=booking,
        booking_url=way_back(),
        is_guest=opened_by().action is LinkAction.PAY,
        outcome=outcome.value,
        is_booked=checkout.purpose == BOOKING,
        is_move=checkout.purpose == MOVE,
        amount_cents=came.amount_cents if came else checkout.amount_cents,
        open_cents=overview(tenant.id, booking.id).open_cents,
        check_url=url_for("couple.paid_check", reference=reference, session=session),
        poll_url=url_for("couple.paid", reference=reference, session=session, look=look) if look else None,
        poll_seconds=seconds,
    )


@bp.post("/manage/<reference>/paid")
def paid_check(reference: str) -> Response:
    """Ask again, without JavaScript."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.RETURN)
        if found is None:
            return stranger(reference)
        tenant, booking = found
        checkout = _returned_from(tenant.id, booking.id)
    if checkout is None:
        return htmx.see_other(url_for("couple.manage", reference=reference))
    if checkout.status in LIVE_CHECKOUTS:
        doorbell.ringing(tenant.id, checkout.id, at=at)()
    session = checkout.stripe_checkout_session_id
    return htmx.see_other(url_for("couple.paid", reference=reference, session=session))


def _returned_from(tenant_id: UUID, booking_id: UUID) -> CheckoutView | None:
    """The attempt whose session Stripe has put into the address."""
    asked = request.args.getlist("session")
    if len(asked) != 1 or not asked[0]:
        return None
    tries = attempts.of_booking(tenant_id, booking_id)
    return next((each for each in tries if each.stripe_checkout_session_id == asked[0]), None)


def _outcome(checkout: CheckoutView, came: Came | None) -> Outcome:
    if came is not None:
        if came.pays:
            return Outcome.RECEIVED
        return Outcome.RETURNED if came.is_returned else Outcome.REVIEW
    if checkout.status is CheckoutStatus.PROCESSING:
        return Outcome.PROCESSING
    is_over = checkout.status in {CheckoutStatus.EXPIRED, CheckoutStatus.FAILED}
    return Outcome.NOT_PAID if is_over else Outcome.WAITING
