"""What somebody sees whom the couple let look: the day and what was booked. No money, no notes, no way to change it.

A page of its own and not the couple's with parts left out, so that nothing new on that one shows here by mistake.
"""

from datetime import timedelta

from flask import Response, url_for

from portal.bookings import queries
from portal.bookings.states import BookingStatus, Purpose
from portal.kernel import time
from portal.web.couple.frame import bp, own_booking, stranger, way_back
from portal.web.couple.seen import seen_url
from portal.web.render import render

_OVER = {BookingStatus.EXPIRED, BookingStatus.CANCELLED}


@bp.get("/manage/<reference>/look")
def look(reference: str) -> Response:
    """The day, for a planner or the family."""
    found = own_booking(reference, at=time.now(), purpose=Purpose.LOOK)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    is_over = booking.status in _OVER
    return render(
        "couple/look.html",
        names=(booking.first_partner, booking.second_partner),
        package_name=booking.package_name,
        standing=booking.status,
        is_over=is_over,
        event_on=booking.event_on,
        last_on=booking.event_on + timedelta(days=booking.days - 1),
        days=booking.days,
        venue=booking.venue,
        guest_count=booking.guest_count,
        lines=[(line.description, line.quantity) for line in queries.lines(tenant.id, booking.id) if line.add_on_id],
        booking_url=way_back(),
        seen_url=seen_url(reference),
        calendar_url="" if is_over else url_for("couple.calendar", reference=reference),
    )
