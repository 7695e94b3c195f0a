"""A message that a booking is going to get, as it would read on its day."""

from datetime import datetime
from uuid import UUID

from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.messages import addresses, composing, facts
from portal.messages.mail import Mail
from portal.messages.minting import Links

_GONE = N_("This message is not planned any more. Please reload the page of the booking.")


def preview(booking: BookingView, message_id: UUID, *, at: datetime) -> Mail:
    """A planned message as it would read on its day if nothing changes; its links lead to pages without a secret."""
    about = facts.message(booking.tenant_id, message_id)
    due_at = database.value(
        "SELECT due_at FROM message WHERE tenant_id = %s AND id = %s AND subject_id = %s AND status = 'planned'",
        booking.tenant_id,
        message_id,
        booking.id,
    )
    if about is None or due_at is None:
        raise NotFound(_GONE)
    on_its_day = max(at, due_at)
    known = facts.gather(booking.tenant_id, about, at=on_its_day)
    if known.is_out_of_plan:
        raise NotFound(_GONE)
    return composing.compose(known, Links({booking.id: addresses.manage_page(booking.reference)}), at=on_its_day)
