"""The diary: a month per resource, who has which day and who waits for it, and closing dates or opening them again."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.availability import month as grids
from portal.availability import queries, service
from portal.availability.rules import furthest_on
from portal.availability.states import ClaimKind, DayState
from portal.availability.waitlist_states import WaitStatus
from portal.bookings.diary import DiaryDay, diary
from portal.catalog.queries import ResourceView, resources
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.text import N_, is_iso_date
from portal.lifecycle import waiting as queue
from portal.lifecycle import waiting_list
from portal.lifecycle.waiting import NotWaiting
from portal.tenants.queries import TenantView
from portal.web import htmx, login, months, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_STATES = {
    ClaimKind.EVENT: DayState.TAKEN,
    ClaimKind.BUFFER: DayState.TAKEN,
    ClaimKind.HOLD: DayState.HELD,
    ClaimKind.BLACKOUT: DayState.BLACKED_OUT,
    ClaimKind.OUTSIDE: DayState.BLACKED_OUT,
}
_NOTHING = N_("This calendar does not exist.")


@bp.get("/<slug>/dates")
def dates(slug: str) -> Response:
    """A month of one resource."""
    tenant, role = login.enter(slug)
    return _show(tenant, role, {"first_on": request.args.get("first_on", "")}, {})


@bp.post("/<slug>/dates")
def close_dates(slug: str) -> Response:
    """Black out a range: the free days of it, with word of those that are not."""
    tenant, role = login.enter(slug)
    login.changes(role)
    values = {name: single(request.form, name).strip() for name in ("resource", "first_on", "last_on", "note")}
    values["last_on"] = values["last_on"] or values["first_on"]
    try:
        first_on, last_on = _range(values, time.today(tenant.timezone))
        person = login.who()
        result = service.black_out(
            tenant.id,
            resource_id=_key(values["resource"]),
            first_on=first_on,
            last_on=last_on,
            note=values["note"],
            user_id=person.user_id if person else None,
            at=time.now(),
        )
    except (Invalid, Conflict) as error:
        fields = {name: speech.sentence(each) for name, each in getattr(error, "fields", {}).items()}
        errors = fields or {"": speech.sentence(error)}
        with database.reading(tenant.id):
            return _show(tenant, role, values, errors, status=409 if isinstance(error, Conflict) else 422)
    _tell(result.days_taken)
    return htmx.see_other(_address(slug, values["resource"], first_on))


@bp.post("/<slug>/dates/<uuid:blackout_id>/open")
def open_dates(slug: str, blackout_id: UUID) -> Response:
    """Put the days of a blackout back on sale."""
    tenant, role = login.enter(slug)
    login.changes(role)
    service.lift_blackout(tenant.id, blackout_id=blackout_id)
    flash(speech.gettext("These dates can be booked again."), "good")
    month = months.parse(single(request.form, "month"))
    return htmx.see_other(_address(slug, single(request.form, "resource"), month))


@bp.post("/<slug>/waiting/<uuid:entry_id>/remove")
def remove_waiting(slug: str, entry_id: UUID) -> Response:
    """Take somebody off a waiting list."""
    tenant, role = login.enter(slug)
    login.changes(role)
    try:
        queue.remove(tenant.id, entry_id, at=time.now())
        flash(speech.gettext("They are no longer on the waiting list."), "good")
    except NotWaiting as error:
        flash(speech.sentence(error), "warn")
    month = months.parse(single(request.form, "month"))
    return htmx.see_other(_address(slug, single(request.form, "resource"), month))


def _tell(days_taken: list[date]) -> None:
    if not days_taken:
        flash(speech.gettext("Closed. Nobody can book these dates now."), "good")
        return
    days = ", ".join(speech.current().date_short(day) for day in days_taken)
    flash(speech.gettext("Closed, but for days that are taken already: %(days)s.", days=days), "warn")


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    halls = resources(tenant.id)
    chosen = _chosen(halls, values.get("resource") or request.args.get("resource", ""))
    today = time.today(tenant.timezone)
    month = _month(values, today)
    last_on = grids.next_month(month) - timedelta(days=1)
    taken = diary(tenant.id, resource_id=chosen.id, first_on=month, last_on=last_on)
    waiting = waiting_list.in_range(tenant.id, resource_id=chosen.id, first_on=month, last_on=last_on)
    return page(
        "dashboard/dates.html",
        tenant,
        role,
        current="calendar",
        status=status,
        resources=halls,
        resource=chosen,
        month=_table(tenant, chosen, month, taken, today),
        month_text=f"{month:%Y-%m}",
        entries=list(taken.values()),
        waiting=waiting,
        waiting_days=Counter(day for each in waiting if each.status is WaitStatus.WAITING for day in each.all_days),
        blackouts=queries.blackouts(tenant.id, resource_id=chosen.id, first_on=today, last_on=furthest_on(today)),
        values={**values, "resource": str(chosen.id)},
        errors=errors,
        earliest=today.isoformat(),
        latest=furthest_on(today).isoformat(),
    )


def _chosen(halls: list[ResourceView], wanted: str) -> ResourceView:
    for hall in halls:
        if not wanted or str(hall.id) == wanted:
            return hall
    raise NotFound(_NOTHING)


def _month(values: dict[str, str], today: date) -> date:
    """The month of the address, or that of the date in the form, within reach."""
    first_on = values.get("first_on", "")
    asked = months.parse(request.args.get("month", "")) or months.parse(first_on[:7])
    earliest = today.replace(year=today.year - 3, day=1)
    return min(max(asked or today.replace(day=1), earliest), furthest_on(today).replace(day=1))


def _table(
    tenant: TenantView, resource: ResourceView, month: date, taken: dict[date, DiaryDay], today: date
) -> dict[str, object]:
    days = grids.grid(month, months.first_weekday(tenant.locale))
    shown = [_day(tenant.slug, resource, on, taken.get(on), today) if on.month == month.month else None for on in days]
    return {
        "first_on": month,
        "weekdays": months.weekdays(tenant.locale),
        "previous_url": _address(tenant.slug, str(resource.id), grids.previous_month(month)),
        "next_url": _address(tenant.slug, str(resource.id), grids.next_month(month)),
        "weeks": [shown[at : at + 7] for at in range(0, len(shown), 7)],
    }


def _day(slug: str, resource: ResourceView, on: date, entry: DiaryDay | None, today: date) -> dict[str, object]:
    if entry is None:
        state = DayState.PAST if on < today else DayState.FREE
        url = None if on < today else url_for(".dates", slug=slug, resource=resource.id, first_on=on) + "#close"
    else:
        state = _STATES[entry.kind]
        url = url_for(".booking", slug=slug, reference=entry.reference) if entry.reference else None
    return {"on": on, "state": state.value, "url": url, "is_today": on == today, "is_chosen": False}


def _address(slug: str, resource: str, month: date | None) -> str:
    return url_for(".dates", slug=slug, resource=resource or None, month=f"{month:%Y-%m}" if month else None)


def _range(values: dict[str, str], today: date) -> tuple[date, date]:
    first_on, last_on = _read(values["first_on"]), _read(values["last_on"])
    faults: dict[str, str] = {}
    # A single day is both, and its fault stands at the field that was typed in.
    named = {"first_on": first_on} if first_on == last_on else {"first_on": first_on, "last_on": last_on}
    for name, day in named.items():
        if day is None:
            faults[name] = N_("Please pick a date from the calendar.")
        elif not today <= day <= furthest_on(today):
            faults[name] = N_("Please pick a date from today on, at most three years ahead.")
    if faults or first_on is None or last_on is None:
        raise Invalid(next(iter(faults.values())), faults)
    return first_on, last_on


def _read(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if is_iso_date(text) else None
    except ValueError:
        return None


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_NOTHING) from None
