"""The month of a package: which one is asked for, and the table of its days.

The claims are read each time, in one statement; the text made of them is kept for as long as they are the same, because
making it costs ten times as much as reading them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

from flask import url_for
from markupsafe import Markup

from portal.availability import queries
from portal.availability.month import DayView, MonthView, Rules, month_view
from portal.availability.rules import furthest_on
from portal.availability.states import ClaimKind, DayState
from portal.availability.waitlist_rules import is_joinable
from portal.kernel.text import is_iso_date
from portal.tenants.queries import TenantView
from portal.web import months, render, speech
from portal.web.speech import gettext as _
from portal.web.storefront.packages import Shown

_MOST_KEPT = 512
_ASKED_FOR = {DayState.TAKEN, DayState.HELD, DayState.NOT_STARTABLE}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks the calendar for; ``fault`` says which part of it could not be followed."""

    today: date
    month: date
    chosen_on: date | None = None
    fault: str | None = None

    @classmethod
    def of(cls, args: Mapping[str, str], today: date) -> Self:
        """The month of ``?month=2027-06``, or of ``?date=2027-06-12``, or this one; the nearest that can be booked."""
        chosen_on = _day(args.get("date"), today)
        has_bad_date = "date" in args and chosen_on is None
        asked = months.parse(args["month"]) if "month" in args else (chosen_on or today).replace(day=1)
        month = min(max(asked or today, today), furthest_on(today)).replace(day=1)
        has_bad_month = asked is None or asked != month
        return cls(today, month, chosen_on, "date" if has_bad_date else "month" if has_bad_month else None)


class _Drawn(NamedTuple):
    """Everything the text of a month depends on."""

    tenant_slug: str
    locale: str
    timezone: str
    package_slug: str
    asked: Asked
    rules: Rules
    claimed: tuple[tuple[date, ClaimKind], ...]


class _Ways(NamedTuple):
    """Where a day leads to."""

    book: str
    wait: str
    askable: frozenset[date]


def html(tenant: TenantView, package: Shown, asked: Asked) -> Markup:
    """The calendar of a package: a fragment that also stands in its page."""
    claimed = queries.claimed_around(
        tenant.id,
        package.resource_id,
        asked.month,
        days=package.days,
        buffer_days=package.buffer_days,
        first_weekday=months.first_weekday(tenant.locale),
    )
    rules = Rules(package.days, package.buffer_days, asked.today, furthest_on(asked.today))
    return _text(
        _Drawn(tenant.slug, tenant.locale, tenant.timezone, package.slug, asked, rules, tuple(claimed.items()))
    )


@lru_cache(maxsize=_MOST_KEPT)
def _text(drawn: _Drawn) -> Markup:
    asked, rules = drawn.asked, drawn.rules
    view = month_view(asked.month, dict(drawn.claimed), rules, first_weekday=months.first_weekday(drawn.locale))
    here = url_for("storefront.package", slug=drawn.tenant_slug, package=drawn.package_slug)
    ways = _Ways(
        url_for("booking.form", slug=drawn.tenant_slug, package=drawn.package_slug),
        url_for("waitlist.form", slug=drawn.tenant_slug, package=drawn.package_slug),
        _askable(view, drawn),
    )
    month = {
        "first_on": view.month,
        "weekdays": months.weekdays(drawn.locale),
        "previous_url": f"{here}?month={view.previous:%Y-%m}" if view.previous else None,
        "next_url": f"{here}?month={view.next:%Y-%m}" if view.next else None,
        "weeks": [[_shown(day, asked, ways) for day in week] for week in view.weeks],
    }
    shown = {day.on: day for week in view.weeks for day in week}
    chosen = shown.get(asked.chosen_on) if asked.chosen_on else None
    states = ["free", "taken", "held", "blacked_out", "past"]
    if rules.days + rules.buffer_days > 1:
        states.insert(1, DayState.NOT_STARTABLE.value)
    text = render.text(
        "storefront/parts/calendar.html",
        month=month,
        states=states,
        notice=_notice(asked, chosen, rules),
        has_askable=bool(ways.askable),
    )
    return Markup(text)  # noqa: S704  rendered and escaped by our own template


def _askable(view: MonthView, drawn: _Drawn) -> frozenset[date]:
    """The days that are not free and can be waited for."""
    claimed, length = dict(drawn.claimed), drawn.rules.days + drawn.rules.buffer_days
    return frozenset(
        day.on
        for week in view.weeks
        for day in week
        if day.state in _ASKED_FOR and is_joinable(day.on, length, claimed, today=drawn.rules.today)
    )


def _shown(day: DayView, asked: Asked, ways: _Ways) -> dict[str, object] | None:
    if not day.is_in_month:
        return None
    is_askable = day.on in ways.askable
    way = ways.book if day.is_bookable else ways.wait if is_askable else None
    return {
        "on": day.on,
        "state": day.state.value,
        "url": f"{way}?date={day.on}" if way else None,
        "asks": is_askable,
        "is_today": day.on == asked.today,
        "is_chosen": day.is_bookable and day.on == asked.chosen_on,
    }


def _notice(asked: Asked, chosen: DayView | None, rules: Rules) -> str | None:
    """Why what was asked for is not what is shown."""
    if asked.fault == "date":
        return _("We could not read that date, or it lies out of reach. Please pick a day here.")
    if asked.fault == "month":
        furthest = speech.current().month_title(rules.furthest_on)
        return _("That month cannot be booked. We take bookings from today until %(month)s.", month=furthest)
    if chosen is not None and not chosen.is_bookable:
        return _("%(day)s cannot be booked. Please pick a free day.", day=speech.current().date_medium(chosen.on))
    return None


def _day(text: str | None, today: date) -> date | None:
    """A day that may be asked for, free or not."""
    if not text or not is_iso_date(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today <= day <= furthest_on(today) else None
