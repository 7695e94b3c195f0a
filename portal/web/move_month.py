"""The month of days that a booking can move to: each one a button that asks what the move would mean.

For the couple within the terms of its booking, for the business any free day. The booking's own days count as free.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.availability import queries
from portal.availability.month import DayView
from portal.availability.rules import furthest_on
from portal.availability.states import DayState
from portal.bookings.queries import BookingView
from portal.catalog.queries import PackageView
from portal.tenants.queries import TenantView
from portal.web import months
from portal.web.move_form import PICK

_OWN, _OUT_OF_REACH = "own", "out_of_reach"


@dataclass(frozen=True, slots=True)
class Search:
    """What days are looked for, and between which two."""

    booking: BookingView
    is_for_another_package: bool
    resource_id: UUID
    days: int
    buffer_days: int
    today: date
    first_on: date
    last_on: date

    @property
    def is_longer_than_a_day(self) -> bool:
        """Whether a free day may be of no use because a later one is taken."""
        return self.days + self.buffer_days > 1


@dataclass(frozen=True, slots=True)
class Month:
    """A month as ``parts/move_days.html`` shows it, and the states that its legend explains."""

    table: dict[str, object]
    states: list[str]


def search(
    booking: BookingView, package: PackageView | None, *, today: date, reach: tuple[date, date] | None
) -> Search:
    """The days for a booking as it is, or for another package; ``reach`` is what its terms allow."""
    first_on, last_on = reach or (today, furthest_on(today))
    sold = package or booking
    return Search(
        booking,
        package is not None,
        sold.resource_id,
        sold.days,
        sold.buffer_days,
        today,
        max(first_on, today),
        min(last_on, furthest_on(today)),
    )


def shown(tenant: TenantView, wanted: Search, asked: str, here: str) -> Month:
    """The month such as ``2027-06`` that is asked for, the nearest within reach, or that of the present date.

    ``here`` is the page's address without the month.
    """
    earliest, latest = (day.replace(day=1) for day in (wanted.first_on, wanted.last_on))
    month = min(max(months.parse(asked) or wanted.booking.event_on.replace(day=1), earliest), latest)
    view = queries.month(
        tenant.id,
        resource_id=wanted.resource_id,
        month=month,
        days=wanted.days,
        buffer_days=wanted.buffer_days,
        today=wanted.today,
        furthest_on=furthest_on(wanted.today),
        first_weekday=months.first_weekday(tenant.locale),
        booking_id=wanted.booking.id,
    )
    table = {
        "first_on": view.month,
        "weekdays": months.weekdays(tenant.locale),
        "previous_url": _address(here, view.previous) if view.previous and month > earliest else None,
        "next_url": _address(here, view.next) if view.next and month < latest else None,
        "weeks": [[_day(day, wanted) for day in week] for week in view.weeks],
    }
    return Month(table, _states(wanted))


def _day(day: DayView, wanted: Search) -> dict[str, object] | None:
    if not day.is_in_month:
        return None
    state, is_possible = day.state.value, day.is_bookable
    if day.on == wanted.booking.event_on:
        state, is_possible = _OWN, is_possible and wanted.is_for_another_package
    elif day.on >= wanted.today and not wanted.first_on <= day.on <= wanted.last_on:
        state, is_possible = _OUT_OF_REACH, False
    return {
        "on": day.on,
        "state": state,
        "url": None,
        "sends": PICK if is_possible else "",
        "is_today": day.on == wanted.today,
        "is_chosen": False,
    }


def _address(here: str, month: date) -> str:
    return f"{here}{'&' if '?' in here else '?'}month={month:%Y-%m}"


def _states(wanted: Search) -> list[str]:
    states = [DayState.FREE.value, _OWN, DayState.TAKEN.value, DayState.HELD.value, DayState.BLACKED_OUT.value]
    if wanted.is_longer_than_a_day:
        states.insert(1, DayState.NOT_STARTABLE.value)
    if wanted.first_on > wanted.today or wanted.last_on < furthest_on(wanted.today):
        states.append(_OUT_OF_REACH)
    return [*states, DayState.PAST.value]
