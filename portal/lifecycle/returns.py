"""Giving back money that a booking does not keep: the date was taken, it was paid twice, or it is not owed.

Runs inside the transaction that records the payment. With refunds switched off a person decides instead.
"""

from datetime import datetime
from uuid import UUID

from portal import settings
from portal.bookings import service as bookings
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
