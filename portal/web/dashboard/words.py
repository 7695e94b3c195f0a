"""Settings: the words of the emails to couples. The list of them all, and one to write, look at, try out and reset.

What is written is first kept as the writer's own try; couples get it once it is saved.
"""

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings import queries
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.text import N_
from portal.messages.wording import fields, rehearsal, store, trial
from portal.messages.wording.cases import CASES, Case, Group
from portal.messages.wording.store import Kept, Wording
from portal.tenants.queries import TenantView
from portal.web import htmx, letters, limits, login, speech, wordings
from portal.web.dashboard.frame import bp, page
from portal.web.forms.reading import single

_TESTS = "5/10 minutes"
_INVENTED = "invented"
_NOTHING = N_("There is no such email. Please choose one from the list.")


@bp.get("/<slug>/settings/words")
def words(slug: str) -> Response:
    """All of them, by heading."""
    tenant, role = login.enter(slug)
    kept = store.all_kept(tenant.id, _user_id())
    return page(
        "dashboard/words.html", tenant, role, current="settings", groups=[_listed(slug, g, kept) for g in Group]
    )


@bp.get("/<slug>/settings/words/<kind>")
def wording(slug: str, kind: str) -> Response:
    """One: its form, its fields and how it reads."""
    tenant, role = login.enter(slug)
    return _show(tenant, role, _case(kind), _booking(request.args.get("booking")))


@bp.get("/<slug>/settings/words/<kind>/mail")
def wording_mail(slug: str, kind: str) -> Response:
    """How it reads, for the frame."""
    tenant, _ = login.enter(slug)
    case = _case(kind)
    kept = store.kept(tenant.id, case.key, _user_id())
    reference = _booking(request.args.get("booking")) or ""
    mail = rehearsal.rehearse(
        tenant, case, reference, kept.draft or kept.used, to=tenant.contact_email, at=time.now()
    )  # fmt: skip
    return letters.framed(mail.html)


@bp.post("/<slug>/settings/words/<kind>")
def set_wording(slug: str, kind: str) -> Response:
    """Keep what was written: for oneself to look at or try out, or for couples; or go back."""
    tenant, role = login.enter(slug)
    login.decides(role)
    case, intent = _case(kind), single(request.form, "intent")
    reference = _booking(single(request.form, "booking"))
    values = {name: single(request.form, name) for name in ("subject", "body")}
    if reference:
        with database.reading(tenant.id):
            queries.by_reference(tenant.id, reference)
    if intent in _WITHOUT_TEXT:
        _WITHOUT_TEXT[intent](tenant.id, case.key, user_id=_user_id())
        flash(speech.gettext(_DONE[intent]), "good")
        return htmx.see_other(url_for(".wording", slug=slug, kind=case.key))
    try:
        written = store.checked(case, values["subject"], values["body"])
    except Invalid as error:
        errors = {name: speech.sentence(fault) for name, fault in error.fields.items()}
        with database.reading(tenant.id):
            return _show(tenant, role, case, reference, values=values, errors=errors)
    if intent == "test":
        limits.hit("wording_test", str(_user_id()), _TESTS, tenant_id=tenant.id)
    _keep(tenant, case, written, is_try=intent in {"look", "test"})
    if intent == "test":
        _send_test(tenant, case, reference)
    elif intent != "look":
        flash(speech.gettext("Saved. Couples get these words from now on."), "good")
    where = url_for(".wording", slug=slug, kind=case.key, booking=reference if reference != "" else _INVENTED)
    return htmx.see_other(where + ("#look" if intent == "look" else ""))


_WITHOUT_TEXT = {"leave": store.leave, "reset": store.reset}
_DONE = {
    "leave": N_("What you had not saved is gone."),
    "reset": N_("The original words are back. Couples get them from now on."),
}


def _keep(tenant: TenantView, case: Case, written: Wording, *, is_try: bool) -> None:
    """As a try, or for couples; what says the same as before is no try, and our own words need no row."""
    user_id, at = _user_id(), time.now()
    ours = rehearsal.our_words(speech.current(), case)
    with database.reading(tenant.id):
        used = store.kept(tenant.id, case.key, user_id).used or ours
    if is_try and written != used:
        store.keep_draft(tenant.id, case.key, written, user_id=user_id, at=at)
    elif is_try:
        store.leave(tenant.id, case.key, user_id=user_id)
    elif written == ours:
        store.reset(tenant.id, case.key, user_id=user_id)
    else:
        store.save(tenant.id, case.key, written, user_id=user_id, at=at)


def _send_test(tenant: TenantView, case: Case, reference: str | None) -> None:
    person = login.who()
    with database.reading(tenant.id):
        about = _newest(tenant.id) if reference is None else reference
    trial.ask(tenant.id, case.key, user_id=_user_id(), reference=about)
    flash(speech.gettext("A test is on its way to %(email)s.", email=person.email if person else ""), "good")


def _show(
    tenant: TenantView, role: Role, case: Case, reference: str | None, *,
    values: dict[str, str] | None = None, errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    kept = store.kept(tenant.id, case.key, _user_id())
    bookings = rehearsal.choices(tenant.id)
    if reference is None:
        reference = bookings[0].reference if bookings else ""
    current = kept.draft or kept.used or rehearsal.our_words(speech.current(), case)
    mail = rehearsal.rehearse(
        tenant, case, reference, kept.draft or kept.used, to=tenant.contact_email, at=time.now()
    )  # fmt: skip
    title, when = wordings.NAMED[case.key]
    chosen = reference or _INVENTED
    answer = page(
        "dashboard/wording.html",
        tenant,
        role,
        current="settings",
        status=422 if errors else 200,
        key=case.key,
        title=speech.gettext(title),
        when=speech.gettext(when),
        kept=kept,
        values={"subject": current.subject, "body": current.body, **(values or {}), "booking": chosen},
        errors=errors or {},
        fields=[(f"{{{name}}}", speech.gettext(fields.FIELDS[name])) for name in case.fields],
        options=[(row.reference, f"{row.couple}, {speech.current().date_short(row.event_on)}") for row in bookings]
        + [(_INVENTED, speech.gettext("An invented couple"))],
        mail=mail,
        html_url=url_for(".wording_mail", slug=tenant.slug, kind=case.key, booking=chosen),
        most=(fields.MOST_SUBJECT, fields.MOST_BODY),
    )
    return letters.framing(answer)


def _listed(slug: str, group: Group, kept: dict[str, Kept]) -> tuple[str, list[dict[str, object]]]:
    entries = [
        {
            "title": speech.gettext(wordings.NAMED[case.key][0]),
            "when": speech.gettext(wordings.NAMED[case.key][1]),
            "url": url_for(".wording", slug=slug, kind=case.key),
            "is_changed": case.key in kept and kept[case.key].used is not None,
            "is_unsaved": case.key in kept and kept[case.key].draft is not None,
        }
        for case in CASES.values()
        if case.group is group
    ]
    return speech.gettext(wordings.GROUPS[group]), entries


def _case(kind: str) -> Case:
    if kind not in CASES:
        raise NotFound(_NOTHING)
    return CASES[kind]


def _booking(text: str | None) -> str | None:
    """The booking that was chosen: a reference, an empty text for the invented couple, None for the newest."""
    return "" if text == _INVENTED else text or None


def _newest(tenant_id: UUID) -> str:
    found = rehearsal.choices(tenant_id)
    return str(found[0].reference) if found else ""


def _user_id() -> UUID:
    person = login.who()
    assert person is not None  # noqa: S101  the gate before this blueprint
    return person.user_id
