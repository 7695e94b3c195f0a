"""Giving back money that a booking does not keep: the date was taken, it was paid twice, it is not owed, the
booking was cancelled, or its date was sold again after that.

Runs inside the transaction of its cause. With refunds switched off a person decides instead.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal import settings
from portal.bookings import service as bookings
from portal.bookings.policy.refund import Part
from portal.bookings.quotes import Quote
from portal.db import database, outbox
from portal.lifecycle.overview import Overview
from portal.payments import refunds
from portal.payments.states import RefundReason


def give_back(
    tenant_id: UUID, booking_id: UUID, payment_id: UUID, reason: RefundReason, *, at: datetime
) -> UUID | None:
    """Owe a whole payment back; the request's id, or None when a person has to decide.

    A couple whose date was taken is told, with other dates to choose from.
    """
    with database.writing(tenant_id):
        if is_switched_off():
            _ask_a_person(tenant_id, booking_id, reason, at)
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
        if shown and is_switched_off():
            _ask_a_person(tenant_id, quote.booking_id, RefundReason.CANCELLATION, at)
            return
        for payment_id, cents in shown:
            amount_cents = min(cents, refunds.left_of(tenant_id, payment_id))
            if amount_cents > 0:
                refunds.request(
                    tenant_id, payment_id, reason=RefundReason.CANCELLATION, amount_cents=amount_cents,
                    quote_id=quote.id, note=str(quote.wish["reason"]), at=at,
                )  # fmt: skip


def give_back_share(tenant_id: UUID, booking_id: UUID, parts: Sequence[Part], *, at: datetime) -> None:
    """Owe back the further share of a date that was sold again, payment by payment."""
    with database.writing(tenant_id):
        if is_switched_off():
            _ask_a_person(tenant_id, booking_id, RefundReason.REBOOKED, at)
            return
        for part in parts:
            refunds.request(tenant_id, part.payment_id, reason=RefundReason.REBOOKED, amount_cents=part.cents, at=at)


def is_switched_off() -> bool:
    """Whether refunds wait for a person now."""
    return not settings.current().features.refunds


def is_by_hand(account: Overview, reason: RefundReason) -> bool:
    """Whether a person sends back what was owed for a reason: refunds were switched off when it fell due."""
    asked = _review(reason)
    return any(entry.kind == "needs_review" and entry.details.get("reason") == asked for entry in account.timeline)


def _ask_a_person(tenant_id: UUID, booking_id: UUID, reason: RefundReason, at: datetime) -> None:
    bookings.flag_for_review(tenant_id, booking_id, _review(reason), at)


def _review(reason: RefundReason) -> str:
    return f"refund_owed: {reason}"
