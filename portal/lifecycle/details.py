"""The couple changes what it told of itself and its day: saved at once, because no money depends on it.

Law: nobody overwrites what they have not seen. A form says what it was filled in from; if the booking says something
else by now, nothing is written and both are shown.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from portal.bookings import queries
from portal.bookings import service as bookings
from portal.bookings.details import Details, details_of, differences, write
from portal.bookings.policy import wishes
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, BookingStatus
from portal.db import database, outbox
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.text import N_

_OVER = N_("The day has passed, so there is nothing left to change.")
_NOT_THIS_ONE = {
    BookingStatus.HELD: N_("This date is held and not paid yet. What you wrote can be changed in the booking form."),
    BookingStatus.EXPIRED: N_("The hold on this date has ended. There is nothing to change."),
    BookingStatus.CANCELLING: N_("This booking is being cancelled, so it cannot be changed."),
    BookingStatus.CANCELLED: N_("This booking was cancelled, so it cannot be changed."),
    BookingStatus.COMPLETED: _OVER,
}


class NotChangeable(Conflict):
    """The booking is in no state in which it can be changed; the sentence says how it stands."""

    code = "not_changeable"


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the same; ``now`` is what stands there."""

    code = "changed_meanwhile"

    def __init__(self, now: Details) -> None:
        super().__init__(
            N_("Somebody has changed this while you were writing. Nothing was saved yet: please compare, then save.")
        )
        self.now = now


def refusal(booking: BookingView, *, today: date) -> NotChangeable | None:
    """Why a booking cannot be changed now, or nothing."""
    sentence = _NOT_THIS_ONE.get(booking.status)
    if sentence is None and booking.event_on + timedelta(days=booking.days) <= today:
        sentence = _OVER
    return NotChangeable(sentence) if sentence else None


def save(tenant_id: UUID, booking_id: UUID, wanted: Details, *, seen: str, at: datetime) -> bool:
    """Write down what the couple says now; whether it was something new.

    ``seen`` is the fingerprint of what the form was filled in from. Raises NotChangeable, ChangedMeanwhile, and Invalid
    with its fields.
    """
    with database.writing(tenant_id):
        bookings.lock(tenant_id, booking_id)
        booking = queries.by_id(tenant_id, booking_id)
        if refused := refusal(booking, today=_today(tenant_id, at)):
            raise refused
        before = details_of(booking)
        changes = differences(before, wanted)
        if not changes:
            return False
        if seen != before.fingerprint:
            raise ChangedMeanwhile(before)
        if "guest_count" in changes:
            _check_guests(booking, wanted.guest_count)
        version = write(booking, wanted, changes, actor=Actor.COUPLE, at=at)
        owe_word(booking_id, version)
        return True


def owe_word(booking_id: UUID, version: int) -> None:
    """The business hears of what the couple has changed."""
    outbox.owe("booking.details_changed", booking_id, payload={"version": version})


def _check_guests(booking: BookingView, count: int | None) -> None:
    """As many as the package welcomes today; a number that was agreed before is not judged again."""
    most = database.value(
        "SELECT max_guests FROM package WHERE tenant_id = %s AND id = %s", booking.tenant_id, booking.package_id
    )
    if fault := wishes.guests_fault(count, max_guests=most):
        raise Invalid(fault.message, {"guest_count": fault}, **fault.params)


def _today(tenant_id: UUID, at: datetime) -> date:
    return time.today(database.value("SELECT timezone FROM tenant WHERE id = %s", tenant_id), at)
