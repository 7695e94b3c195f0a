"""A change of a booking's price as it stands: what becomes of its stages and of what was paid, planned and carried out.

Moving the date and changing add-ons both lead here. Law: lines, total, commission, stages and what goes back change in
one transaction; sessions that could still sell a stage that goes are ended at Stripe before.
"""

from datetime import date, datetime
from uuid import UUID

from portal import settings
from portal.bookings import changing
from portal.bookings import service as bookings
from portal.bookings.models import Booking
from portal.bookings.policy.refund import Part, spread
from portal.bookings.pricing import Price, PricedLine
from portal.bookings.queries import BookingView, LineView
from portal.db import database
from portal.lifecycle import terms
from portal.lifecycle.overview import Overview, overview
from portal.payments import refunds, restaged
from portal.payments.restaging import How, Restaging, Target, plan
from portal.payments.states import RefundReason


def plan_for(
    view: BookingView,
    account: Overview,
    *,
    total_cents: int,
    fee_cents: int = 0,
    event_on: date | None = None,
    today: date,
    how: How = How.SAME_DATE,
) -> Restaging:
    """What becomes of a booking's stages at another total. Raises Conflict while a bank works on one that changes."""
    target = Target(
        total_cents=total_cents,
        fee_cents=fee_cents,
        captured_cents=terms.captured_cents(account),
        event_on=event_on or view.event_on,
        balance_due_days=view.balance_due_days,
        today=today,
        how=how,
    )
    return plan(restaged.load(view.tenant_id, view.id), target, credited_cents=view.credited_cents)


def parts(account: Overview, restaging: Restaging) -> list[Part]:
    """What goes back, payment by payment, the newest first."""
    return list(spread(terms.payments(account), restaging.refund_cents))


def as_sold(line: LineView) -> PricedLine:
    """A line that stays as it was sold."""
    return PricedLine(
        line.add_on_id,
        line.description,
        line.quantity,
        line.unit_cents,
        line.net_cents,
        line.tax_rate_bp,
        line.tax_cents,
        line.gross_cents,
    )


def carry_out(booking: Booking, price: Price, restaging: Restaging, *, quote_id: UUID, at: datetime) -> None:
    """Give a booking its new price, its stages and what goes back. The caller holds the booking's row."""
    tenant_id = booking.tenant_id
    changing.reprice(booking, price, credited_cents=restaging.credited_cents)
    restaged.apply(tenant_id, booking.id, restaging, currency=booking.currency)
    if restaging.refund_cents:
        _give_back(booking, restaging, quote_id, at)


def _give_back(booking: Booking, restaging: Restaging, quote_id: UUID, at: datetime) -> None:
    """With refunds switched off a person decides instead."""
    tenant_id = booking.tenant_id
    with database.writing(tenant_id):
        if not settings.current().features.refunds:
            bookings.flag_for_review(tenant_id, booking.id, f"refund_owed: {RefundReason.CHANGE}", at)
            return
        for part in parts(overview(tenant_id, booking.id), restaging):
            refunds.request(
                tenant_id, part.payment_id, reason=RefundReason.CHANGE, amount_cents=part.cents, quote_id=quote_id,
                at=at,
            )  # fmt: skip
