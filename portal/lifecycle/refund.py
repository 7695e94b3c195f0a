"""Money that the business gives back of its own will, over as many payments as it takes, the newest first.

Law: never more than is left, counted while the booking's row is held; and never from figures that are no longer so.
"""

from datetime import datetime
from uuid import UUID

from portal import settings
from portal.bookings import service as bookings
from portal.bookings.policy.refund import spread
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel.errors import Conflict, Invalid, NotFound, Stale
from portal.kernel.money import Money
from portal.kernel.text import N_, clean_block
from portal.lifecycle import terms
from portal.lifecycle.cancel import LONGEST_REASON
from portal.lifecycle.overview import overview
from portal.payments import found, refunds
from portal.payments.states import RefundReason


def refund(
    tenant_id: UUID,
    booking_id: UUID,
    *,
    amount_cents: int,
    reason: str,
    seen_left_cents: int,
    user_id: UUID | None,
    at: datetime,
) -> list[UUID]:
    """Owe an amount back; the requests. ``seen_left_cents`` is what the form said was left.

    Raises Invalid for ``amount`` or ``reason``, Stale when something went back since the form was shown.
    """
    note = _note(reason)
    with database.writing(tenant_id):
        _refuse_if_switched_off()
        booking = bookings.lock(tenant_id, booking_id)
        payments = terms.payments(overview(tenant_id, booking_id))
        left = sum(paid.left_cents for paid in payments)
        if not 0 < amount_cents <= left:
            text = Invalid(N_("Please give an amount up to %(left)s: that is what is left."),
                           left=Money(left, booking.currency))  # fmt: skip
            raise Invalid(text.message, {"amount": text}, **text.params)
        if left != seen_left_cents:
            raise Stale(N_("Something went back since you opened this page. Please look at it once more."))
        return [
            refunds.request(
                tenant_id, part.payment_id, reason=RefundReason.OWNER, amount_cents=part.cents, note=note, at=at,
                actor=Actor.OWNER, user_id=user_id,
            )
            for part in spread(payments, amount_cents)
        ]  # fmt: skip


def try_again(tenant_id: UUID, booking_id: UUID, request_id: UUID, *, user_id: UUID | None, at: datetime) -> UUID:
    """Ask for a failed refund of this booking once more. Raises NotFound, and Conflict when it has not failed."""
    with database.writing(tenant_id):
        _refuse_if_switched_off()
        if found.refund_request(tenant_id, request_id).booking_id != booking_id:
            raise NotFound(N_("We know no such refund."))
        return refunds.retry(tenant_id, request_id, at=at, actor=Actor.OWNER, user_id=user_id)


def _refuse_if_switched_off() -> None:
    if not settings.current().features.refunds:
        raise Conflict(N_("Refunds are switched off here. Please make it at Stripe."))


def _note(reason: str) -> str:
    try:
        note = clean_block(reason, most=LONGEST_REASON)
    except Invalid as error:
        raise Invalid(error.message, {"reason": error}, **error.params) from error
    if not note:
        text = N_("Please say why, so that everybody understands it later.")
        raise Invalid(text, {"reason": text})
    return note
