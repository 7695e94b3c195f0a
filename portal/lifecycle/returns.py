"""Giving back money that a booking does not keep: the date was taken, it was paid twice, it is not owed, or the
booking was cancelled.

Runs inside the transaction of its cause. With refunds switched off a person decides instead.
"""

from datetime import datetime
from uuid import UUID

from portal import settings
from portal.bookings import service as bookings
from portal.bookings.quotes import Quote
from portal.db import database, outbox
from portal.payments import refunds
from portal.payments.states import RefundReason


def give_back(
    tenant_id: UUID, booking_id: UUID, payment_id: UUID, reason: RefundReason, *, at: datetime
) -> UUID | None:
    """Owe a whole payment back; the request's id, or None when a person has to decide.

    A couple whose date was taken is told, with other dates to choose from.
    """
    with database.writing(tenant_id):
        if not settings.current().features.refunds:
            bookings.flag_for_review(tenant_id, booking_id, f"refund_owed: {reason}", at)
            return None
        request_id = refunds.request(tenant_id, payment_id, reason=reason, at=at)
        if reason is RefundReason.DATE_TAKEN:
            outbox.owe(
                "booking.payment_returned",
                booking_id,
                payload={"refund_request_id": str(request_id)},
                dedupe_key=f"booking.payment_returned:{payment_id}",
            )
        return request_id


def give_back_as_shown(tenant_id: UUID, quote: Quote, *, at: datetime) -> None:
    """Owe back what a confirmed cancellation has fixed, payment by payment.

    Where something else went back meanwhile (the business gave some, a bank took it), it is what is left at most.
    """
    shown = [(UUID(part["payment_id"]), int(part["amount_cents"])) for part in quote.result["refunds"]]
    with database.writing(tenant_id):
        if shown and not settings.current().features.refunds:
            bookings.flag_for_review(tenant_id, quote.booking_id, f"refund_owed: {RefundReason.CANCELLATION}", at)
            return
        for payment_id, cents in shown:
            amount_cents = min(cents, refunds.left_of(tenant_id, payment_id))
            if amount_cents > 0:
                refunds.request(
                    tenant_id, payment_id, reason=RefundReason.CANCELLATION, amount_cents=amount_cents,
                    quote_id=quote.id, note=str(quote.wish["reason"]), at=at,
                )  # fmt: skip
