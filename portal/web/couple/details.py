"""The couple's details: names, phone, venue, guests and notes, saved at once. Beside them stand add-ons and addresses.

A form says what it was filled in from (``seen``). Whoever saves over somebody else's change is shown both first.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, flash, request, url_for

from portal.bookings.details import Details, differences
from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid, PortalError
from portal.lifecycle import details
from portal.lifecycle.details import ChangedMeanwhile, NotChangeable
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.couple import details_page
from portal.web.couple.details_page import Typed
from portal.web.couple.frame import bp, own_booking, own_form, refused, stranger
from portal.web.forms import people
from portal.web.forms.reading import single

_SAVES = "30/hour"
_FIELDS: dict[str, Callable[[str], object]] = {
    "first_partner": people.name,
    "second_partner": people.name,
    "phone": people.phone,
    "venue": people.venue,
    "guest_count": people.guests,
    "notes": people.notes,
    "seen": str,
}


@bp.get("/manage/<reference>/details", endpoint="details")
def show_details(reference: str) -> Response:
    """Everything that can be changed."""
    at = time.now()
    found = own_booking(reference, at=at)
    return details_page.show(*found, at) if found else stranger(reference)


@bp.post("/manage/<reference>/details")
def save_details(reference: str) -> Response:
    """Save what was written."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("details", str(booking.id), _SAVES, tenant_id=tenant.id)
    wanted, typed = _read()
    if wanted is None:
        return _again(tenant, booking, at, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        is_new = details.save(tenant.id, booking.id, wanted, seen=typed.values["seen"], at=at)
    except NotChangeable:
        return details_page.how_it_stands(reference, at)
    except ChangedMeanwhile as error:
        _show_both(typed, wanted, error)
        return _again(tenant, booking, at, typed, HTTPStatus.CONFLICT)
    except Invalid as error:
        typed.errors = {name: speech.sentence(each) for name, each in error.fields.items()}
        return _again(tenant, booking, at, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    if is_new:
        flash(speech.gettext("Saved. %(business)s sees it, too.", business=tenant.name), "good")
    return htmx.see_other(url_for("couple.manage" if is_new else "couple.details", reference=reference))


def _read() -> tuple[Details | None, Typed]:
    """The form as it was typed, and what it means if nothing is wrong with it."""
    typed, values = Typed(), dict[str, Any]()
    for name, understand in _FIELDS.items():
        try:
            typed.values[name] = single(request.form, name)
            values[name] = understand(typed.values[name])
        except PortalError as error:
            typed.values.setdefault(name, "")
            typed.errors[name] = speech.sentence(error)
    values.pop("seen", None)
    return (None if typed.errors else Details(**values)), typed


def _again(tenant: TenantView, booking: BookingView, at: datetime, typed: Typed, status: int) -> Response:
    with database.reading(tenant.id):
        return details_page.show(tenant, booking, at, typed=typed, status=status)


def _show_both(typed: Typed, wanted: Details, error: ChangedMeanwhile) -> None:
    """What was typed stays in the form; beside each field that differs stands what was saved meanwhile."""
    typed.notice = speech.sentence(error)
    for name in differences(error.now, wanted):
        now = getattr(error.now, name)
        saved = speech.gettext("(nothing)") if now in {"", None} else str(now)
        typed.errors[name] = speech.gettext("It says now: %(text)s", text=saved)
    typed.values["seen"] = error.now.fingerprint
