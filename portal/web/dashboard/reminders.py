"""Settings: which messages couples get before and after their day and for what they owe, and when."""

from flask import Response, flash, request, url_for

from portal import settings
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_
from portal.messages import schedule
from portal.messages.schedule import COURSES, Anchor, Plan, Rule
from portal.messages.states import MessageKind
from portal.tenants import service
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import amounts
from portal.web.forms.reading import single


@bp.get("/<slug>/settings/reminders")
def reminders(slug: str) -> Response:
    """The plan as it is set."""
    tenant, role = login.enter(slug)
    document = database.value("SELECT reminder_plan FROM tenant WHERE id = %s", tenant.id)
    return _show(tenant, role, _values(schedule.read_plan(document)), {})


@bp.post("/<slug>/settings/reminders")
def set_reminders(slug: str) -> Response:
    """Set it, for everything that is not sent yet."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {name: single(request.form, name) for name in _values({kind: COURSES[kind].given for kind in COURSES})}
    try:
        plan = _read(values)
    except Invalid as error:
        with database.reading(tenant.id):
            errors = {name: speech.sentence(fault) for name, fault in error.fields.items()}
            return _show(tenant, role, values, errors, status=422)
    service.set_reminder_plan(tenant.id, schedule.write_plan(plan), at=time.now())
    flash(speech.gettext("Saved. What is planned for your bookings follows within a few minutes."), "good")
    return htmx.see_other(url_for(".reminders", slug=slug))


def _values(plan: Plan) -> dict[str, str]:
    """A plan as its form shows it."""
    values: dict[str, str] = {}
    for kind, rule in plan.items():
        values |= {f"on_{kind}": "1" if rule.is_on else "", f"days_{kind}": str(rule.days)}
        values[f"at_{kind}"] = f"{rule.at:%H:%M}"
    return values


def _read(values: dict[str, str]) -> Plan:
    """The form as a plan. Raises Invalid for all fields that are wrong."""
    plan: dict[MessageKind, Rule] = {}
    faults: dict[str, PortalError | str] = {}
    for kind, course in COURSES.items():
        days, at = course.days, course.at
        try:
            days = amounts.whole(values[f"days_{kind}"])
        except Invalid as error:
            faults[f"days_{kind}"] = error
        try:
            at = schedule.read_time(values[f"at_{kind}"].strip(" "))
        except Invalid as error:
            faults[f"at_{kind}"] = error
        plan[kind] = Rule(is_on=values[f"on_{kind}"] == "1", days=days, at=at)
    if not faults:
        return schedule.checked(plan)
    try:
        schedule.checked(plan)
    except Invalid as error:
        faults = {**error.fields, **faults}
    raise Invalid(N_("Please look again at what is marked."), faults)


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        "dashboard/reminders.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        groups=_groups(),
        most=schedule.MOST_DAYS,
        is_on=settings.current().features.reminders,
    )


def _groups() -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The kinds below their headings: each with the words for its days and whether these can be chosen."""
    said = {
        Anchor.FIRST_DAY: (speech.gettext("Before the day"), speech.gettext("Days before the event")),
        Anchor.LAST_DAY: (speech.gettext("After the day"), speech.gettext("Days after the event")),
        Anchor.DUE_DAY: (speech.gettext("Payments that are due"), ""),
    }
    before, after = speech.gettext("Days before it is due"), speech.gettext("Days after it was due")
    groups: dict[Anchor, list[tuple[str, str, bool]]] = {anchor: [] for anchor in Anchor}
    for kind, course in COURSES.items():
        label = said[course.anchor][1] or (before if course.sign < 0 else after)
        groups[course.anchor].append((kind, label, course.sign != 0))
    return [(said[anchor][0], kinds) for anchor, kinds in groups.items()]
