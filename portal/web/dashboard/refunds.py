"""Money that the business gives back from a booking's page, and failed refunds that it tries again."""

import re
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings import queries
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.lifecycle import refund
from portal.web import htmx, login, speech
from portal.web.dashboard.booking import show
from portal.web.dashboard.frame import bp
from portal.web.forms import amounts
from portal.web.forms.reading import single

_CENTS = re.compile(r"[0-9]{1,12}", re.ASCII)


@bp.post("/<slug>/bookings/<reference>/refunds")
def give_back(slug: str, reference: str) -> Response:
    """Owe an amount back to the couple, as long as what the form said was left still is."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    values = {name: single(request.form, name) for name in ("amount", "reason", "left")}
    try:
        refund.refund(
            business.id,
            found.id,
            amount_cents=_cents(values["amount"], found.currency),
            reason=values["reason"],
            seen_left_cents=int(values["left"]) if _CENTS.fullmatch(values["left"]) else -1,
            user_id=person.user_id if person else None,
            at=time.now(),
        )
    except (Invalid, Conflict) as error:
        fields = {name: speech.sentence(each) for name, each in getattr(error, "fields", {}).items()}
        with database.reading(business.id):
            return show(
                business,
                role,
                reference,
                refund_values=values,
                refund_errors=fields or {"": speech.sentence(error)},
                status=409 if isinstance(error, Conflict) else 422,
            )
    flash(speech.gettext("The refund is on its way. You can follow it below."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


@bp.post("/<slug>/bookings/<reference>/refunds/<uuid:request_id>/retry")
def try_again(slug: str, reference: str, request_id: UUID) -> Response:
    """Ask for a failed refund once more."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    try:
        refund.try_again(business.id, found.id, request_id, user_id=person.user_id if person else None, at=time.now())
    except (Invalid, Conflict) as error:
        with database.reading(business.id):
            status = 409 if isinstance(error, Conflict) else 422
            return show(business, role, reference, refund_errors={"": speech.sentence(error)}, status=status)
    flash(speech.gettext("The refund is asked for once more."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _cents(text: str, currency: str) -> int:
    try:
        return amounts.cents(text, currency, speech.current())
    except Invalid as error:
        raise Invalid(error.message, {"amount": error}, **error.params) from error
