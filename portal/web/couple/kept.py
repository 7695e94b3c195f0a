"""The couple gives a date back that was kept for them: a page that says what it means, and a tick.

GET changes nothing. Whatever cannot be given back any more is answered with a page that says how it stands.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Response, flash, request, url_for

from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.kernel.text import N_
from portal.lifecycle import courtesy
from portal.lifecycle.courtesy import NotReleasable
from portal.lifecycle.overview import overview
from portal.tenants.queries import TenantView
from portal.web import htmx, speech
from portal.web.couple.frame import bp, own_booking, own_form, refused, stranger
from portal.web.forms.reading import single
from portal.web.quoting import ticked
from portal.web.render import render

_TICK = N_("Please tick this, so that nobody gives a date back by mistake.")


@bp.get("/manage/<reference>/release")
def release(reference: str) -> Response:
    """What giving the date back means, and the form that does it."""
    at = time.now()
    found = own_booking(reference, at=at)
    return _show(*found) if found else stranger(reference)


@bp.post("/manage/<reference>/release")
def release_confirm(reference: str) -> Response:
    """Yes: the date is free again."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    try:
        ticked(single(request.form, "is_sure"), otherwise=_TICK)
        courtesy.release(tenant.id, booking.id, at=at)
    except Invalid as error:
        with database.reading(tenant.id):
            errors = {name: speech.sentence(each) for name, each in error.fields.items()}
            return _show(tenant, booking, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except NotReleasable as error:
        return _how_it_stands(reference, at, speech.sentence(error))
    flash(speech.gettext("The date is free again. Thank you for telling us."), "good")
    return htmx.see_other(url_for("couple.manage", reference=reference))


def _how_it_stands(reference: str, at: datetime, sentence: str) -> Response:
    """Somebody was faster: read it once more and say so."""
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at)
        if found is None:
            return stranger(reference)
        return _show(*found, sentence=sentence, status=HTTPStatus.CONFLICT)


def _show(
    tenant: TenantView,
    booking: BookingView,
    *,
    errors: dict[str, str] | None = None,
    sentence: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    refused = courtesy.refusal(booking, overview(tenant.id, booking.id).attempts)
    return render(
        "couple/release.html",
        status=status,
        booking=booking,
        errors=errors or {},
        can_release=refused is None,
        sentence=sentence or (speech.sentence(refused) if refused else ""),
    )
