"""Settings: writing the words of an email: as a try to look at or to get as a test, or for couples; and going back.

What is written is first kept as the writer's own try; couples get it once it is saved.
"""

from flask import Response, flash, request, url_for

from portal.bookings import queries
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.text import N_
from portal.messages.wording import rehearsal, saving, store, trial
from portal.messages.wording.cases import Case
from portal.messages.wording.store import Wording
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, login, speech
from portal.web.dashboard.frame import bp
from portal.web.dashboard.wording import INVENTED, booking_of, case_of, show
from portal.web.forms.reading import single

_TESTS = "5/10 minutes"


@bp.post("/<slug>/settings/words/<kind>")
def set_wording(slug: str, kind: str) -> Response:
    """Keep what was written: for oneself to look at or try out, or for couples; or go back."""
    tenant, role = login.enter(slug)
    login.decides(role)
    case, intent = case_of(kind), single(request.form, "intent")
    reference = booking_of(single(request.form, "booking"))
    values = {name: single(request.form, name) for name in ("subject", "body")}
    if reference:
        with database.reading(tenant.id):
            queries.by_reference(tenant.id, reference)
    if intent in _WITHOUT_TEXT:
        _WITHOUT_TEXT[intent](tenant.id, case.key, user_id=login.user_id())
        flash(speech.gettext(_DONE[intent]), "good")
        return htmx.see_other(url_for(".wording", slug=slug, kind=case.key))
    try:
        written = saving.checked(case, values["subject"], values["body"])
    except Invalid as error:
        errors = {name: speech.sentence(fault) for name, fault in error.fields.items()}
        with database.reading(tenant.id):
            return show(tenant, role, case, reference, values=values, errors=errors)
    if intent == "test":
        limits.hit("wording_test", str(login.user_id()), _TESTS, tenant_id=tenant.id)
    _keep(tenant, case, written, is_try=intent in {"look", "test"})
    if intent == "test":
        _send_test(tenant, case, reference)
    elif intent != "look":
        flash(speech.gettext("Saved. Couples get these words from now on."), "good")
    where = url_for(".wording", slug=slug, kind=case.key, booking=reference if reference != "" else INVENTED)
    return htmx.see_other(where + ("#look" if intent == "look" else ""))


_WITHOUT_TEXT = {"leave": saving.leave, "reset": saving.reset}
_DONE = {
    "leave": N_("What you had not saved is gone."),
    "reset": N_("The original words are back. Couples get them from now on."),
}


def _keep(tenant: TenantView, case: Case, written: Wording, *, is_try: bool) -> None:
    """As a try, or for couples; what says the same as before is no try, and our own words need no row."""
    user_id, at = login.user_id(), time.now()
    ours = rehearsal.our_words(speech.current(), case)
    with database.reading(tenant.id):
        used = store.kept(tenant.id, case.key, user_id).used or ours
    if is_try and written != used:
        saving.keep_draft(tenant.id, case.key, written, user_id=user_id, at=at)
    elif is_try:
        saving.leave(tenant.id, case.key, user_id=user_id)
    elif written == ours:
        saving.reset(tenant.id, case.key, user_id=user_id)
    else:
        saving.save(tenant.id, case.key, written, user_id=user_id, at=at)


def _send_test(tenant: TenantView, case: Case, reference: str | None) -> None:
    person = login.who()
    with database.reading(tenant.id):
        about = rehearsal.newest(tenant.id) if reference is None else reference
    trial.ask(tenant.id, case.key, user_id=login.user_id(), reference=about)
    flash(speech.gettext("A test is on its way to %(email)s.", email=person.email if person else ""), "good")
