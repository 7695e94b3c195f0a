"""Settings: the words of one email, its fields, and how it reads with a booking. ``wording_changes`` writes them."""

from flask import Response, request, url_for

from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.messages.wording import fields, rehearsal, store
from portal.messages.wording.cases import CASES, Case
from portal.tenants.queries import TenantView
from portal.web import letters, login, speech, wordings
from portal.web.dashboard.frame import bp, page

INVENTED = "invented"
_NOTHING = N_("There is no such email. Please choose one from the list.")


@bp.get("/<slug>/settings/words/<kind>")
def wording(slug: str, kind: str) -> Response:
    """One: its form, its fields and how it reads."""
    tenant, role = login.enter(slug)
    return show(tenant, role, case_of(kind), booking_of(request.args.get("booking")))


@bp.get("/<slug>/settings/words/<kind>/mail")
def wording_mail(slug: str, kind: str) -> Response:
    """How it reads, for the frame."""
    tenant, _ = login.enter(slug)
    case = case_of(kind)
    kept = store.kept(tenant.id, case.key, login.user_id())
    reference = booking_of(request.args.get("booking")) or ""
    mail = rehearsal.rehearse(
        tenant, case, reference, kept.draft or kept.used, to=tenant.contact_email, at=time.now()
    )  # fmt: skip
    return letters.framed(mail.html)


def show(
    tenant: TenantView, role: Role, case: Case, reference: str | None, *,
    values: dict[str, str] | None = None, errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """The page as it stands, or with what was written and what is wrong with it."""
    kept = store.kept(tenant.id, case.key, login.user_id())
    bookings = rehearsal.choices(tenant.id)
    if reference is None:
        reference = bookings[0].reference if bookings else ""
    current = kept.draft or kept.used or rehearsal.our_words(speech.current(), case)
    mail = rehearsal.rehearse(
        tenant, case, reference, kept.draft or kept.used, to=tenant.contact_email, at=time.now()
    )  # fmt: skip
    title, when = wordings.NAMED[case.key]
    chosen = reference or INVENTED
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
        + [(INVENTED, speech.gettext("An invented couple"))],
        mail=mail,
        html_url=url_for(".wording_mail", slug=tenant.slug, kind=case.key, booking=chosen),
        most=(fields.MOST_SUBJECT, fields.MOST_BODY),
    )
    return letters.framing(answer)


def case_of(kind: str) -> Case:
    """The email that an address names. Raises NotFound."""
    if kind not in CASES:
        raise NotFound(_NOTHING)
    return CASES[kind]


def booking_of(text: str | None) -> str | None:
    """The booking that was chosen: a reference, an empty text for the invented couple, None for the newest."""
    return "" if text == INVENTED else text or None
