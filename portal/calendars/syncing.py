"""One booking's event in one connected calendar: put there, moved or taken out, whatever the booking needs now.

Law: what is told is what the booking is under the lease of its event (``leasing``). So a cancellation that overtakes a
creation finds the event leased and comes again; a creation that comes after the cancellation reads that there is
nothing to create. Only the worker that still has the lease says what the calendar holds. One that lost it meanwhile, or
whose answer never came, owes a further look, for its call may arrive after those of others.
"""

from datetime import datetime, timedelta
from uuid import UUID

from portal.calendars import events, leasing, opening, trouble
from portal.calendars.errors import GoogleError, UnknownOutcome
from portal.calendars.google import GoogleCalendar
from portal.calendars.leasing import Work
from portal.calendars.owing import owe_further
from portal.db import database
from portal.kernel import failpoints

SETTLED = timedelta(minutes=5)  # a call that is still on its way by then will not arrive


def sync(
    tenant_id: UUID, booking_id: UUID, *, connection_id: UUID, effect_id: UUID, at: datetime, is_further: bool = False
) -> None:
    """Let the calendar hold what the booking needs now. Raises Busy or GoogleError when it must be tried later.

    ``effect_id`` names who asks: its next attempt takes over at once. ``is_further``: what we know may be wrong.
    """
    work = leasing.begin(tenant_id, booking_id, connection_id, effect_id, is_further=is_further)
    if work is None:
        return
    try:
        calendar = opening.calendar(tenant_id, connection_id)
        failpoints.reach("calendar.before_call")
        _act(calendar, work)
        failpoints.reach("calendar.after_call")
    except GoogleError as error:
        _give_up(work, error, at)
        if not error.is_final:
            raise
        trouble.refuse(tenant_id, connection_id, reason=error.reason, at=at)
    else:
        _record(work)


def _act(calendar: GoogleCalendar, work: Work) -> None:
    if work.event:
        calendar.put_event(work.event)
    else:
        calendar.delete_event(events.event_id(work.connection_id, work.booking_id))


def _record(work: Work) -> None:
    """The calendar holds what it was told, unless somebody else has taken over: then nobody knows."""
    event = work.event
    with database.writing(work.tenant_id):
        trouble.recover(work.tenant_id, work.connection_id)  # first the calendar's row, as whoever forgets a calendar
        is_ours = leasing.end(
            work,
            "told = %s, first_on = %s, last_on = %s, next_first_on = NULL, next_last_on = NULL",
            event.version if event else "",
            event and event.first_on,
            event and event.last_on,
        )
        if not is_ours:
            owe_further(work.booking_id, work.connection_id)


def _give_up(work: Work, error: GoogleError, at: datetime) -> None:
    """Let others at it. A call without an answer may still arrive there: look again once it cannot any more."""
    with database.writing(work.tenant_id):
        if not isinstance(error, UnknownOutcome):
            leasing.end(work, "told = NULL")
            return
        leasing.end(work, "unsure_at = %s", at)
        # One look for all such calls of some minutes.
        number = int(at.timestamp() // SETTLED.total_seconds()) + 2
        due_at = datetime.fromtimestamp(number * SETTLED.total_seconds(), at.tzinfo)
        key = f"calendar.sync:{work.connection_id}:{work.booking_id}:{number}"
        owe_further(work.booking_id, work.connection_id, dedupe_key=key, due_at=due_at)
