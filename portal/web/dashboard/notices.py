"""Settings: what the business hears of at once, in the daily summary, or not at all; and when the summary comes."""

from flask import Response, flash, request, url_for

from portal import settings
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.text import N_
from portal.messages import notices as messages
from portal.messages.notices import ALWAYS_TOLD, Topic, Way
from portal.tenants.queries import TenantView
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_WAYS = {Way.AT_ONCE: N_("At once"), Way.DAILY: N_("In the daily summary"), Way.OFF: N_("Not at all")}
_GROUPS = [
    (
        N_("What couples do"),
        {
            Topic.BOOKING: N_("A new booking"),
            Topic.MOVE: N_("A date that a couple has moved"),
            Topic.CANCELLATION: N_("A cancellation, and one that is taken back"),
            Topic.CHANGE: N_("Changed details or add-ons"),
            Topic.PAYMENT: N_("A further payment"),
        },
    ),
    (
        N_("What needs you"),
        {
            Topic.OVERDUE: N_("A payment that is overdue"),
            Topic.DISPUTE: N_("A payment that the couple’s bank disputes"),
            Topic.REFUND: N_("A refund that failed"),
            Topic.MAIL: N_("A mail to a couple that did not arrive"),
            Topic.REVIEW: N_("A booking that you should look at"),
            Topic.CLASH: N_("A booked day that is taken in your other calendar"),
        },
    ),
]


@bp.get("/<slug>/settings/notices")
def notices(slug: str) -> Response:
    """The choice as it is."""
    tenant, role = login.enter(slug)
    plan, at_time = messages.chosen(tenant.id)
    values = {"at": at_time} | {topic.value: way.value for topic, way in plan.items()}
    return _show(tenant, role, values, {})


@bp.post("/<slug>/settings/notices")
def set_notices(slug: str) -> Response:
    """Set it, for what happens from now on."""
    tenant, role = login.enter(slug)
    login.decides(role)
    chosen = {topic: single(request.form, topic) for topic in Topic}
    at_time = single(request.form, "at").strip(" ")
    try:
        messages.choose(tenant.id, chosen, at_time=at_time, at=time.now())
    except Invalid as error:
        errors = {name: speech.sentence(fault) for name, fault in error.fields.items()}
        values = {"at": at_time} | {topic.value: way for topic, way in chosen.items()}
        with database.reading(tenant.id):
            return _show(tenant, role, values, errors, status=422)
    flash(speech.gettext("Saved."), "good")
    return htmx.see_other(url_for(".notices", slug=slug))


def _show(
    tenant: TenantView, role: Role, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> Response:
    return page(
        "dashboard/notices.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        errors=errors,
        groups=[
            (
                speech.gettext(heading),
                [
                    {
                        "name": topic,
                        "label": speech.gettext(label),
                        "options": [(way, speech.gettext(_WAYS[way])) for way in messages.ways(topic)],
                        "is_always_told": topic in ALWAYS_TOLD,
                    }
                    for topic, label in topics.items()
                ],
            )
            for heading, topics in _GROUPS
        ],
        is_on=settings.current().features.reminders,
    )
