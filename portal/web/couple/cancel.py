"""The couple gives its booking up: see what that means, confirm it with a tick, and take it back for a while.

GET changes nothing. Each step is a form of its own and works without JavaScript; whatever cannot be done any more is
answered with a page that says how things stand.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings import quotes
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, Purpose
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.lifecycle import cancel, undo
from portal.lifecycle.cancel import NotCancellable
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.lifecycle.undo import NotUndoable
from portal.messages import returning
from portal.messages import terms as wording
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.couple.frame import bp, onward, own_booking, own_form, refused, stranger, way_back
from portal.web.forms.reading import single
from portal.web.quoting import WHY_NOT, is_open, shown_quote, ticked
from portal.web.render import render

_LOOKS = "30/hour"


@bp.get("/manage/<reference>/cancel")
def cancel_start(reference: str) -> Response:
    """What a cancellation means, before anything is asked."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.CANCEL)
    return _start(*found, at) if found else stranger(reference)


@bp.post("/manage/<reference>/cancel")
def cancel_see(reference: str) -> Response:
    """Work out what it would give back now, and lead to the page that shows it."""
    at = time.now()
    found = own_form(reference, at=at, purpose=Purpose.CANCEL)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("quotes", str(booking.id), _LOOKS, tenant_id=tenant.id)
    try:
        quote = cancel.see(tenant.id, booking.id, actor=Actor.COUPLE, at=at)
    except NotCancellable:
        return _how_it_stands(reference, at)
    return htmx.see_other(url_for("couple.cancel_shown", reference=reference, quote_id=quote.id))


@bp.get("/manage/<reference>/cancel/<uuid:quote_id>")
def cancel_shown(reference: str, quote_id: UUID) -> Response:
    """The figures, and the form that confirms them."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.CANCEL)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    quote = shown_quote(tenant.id, booking.id, quote_id)
    if not is_open(quote, Actor.COUPLE, at):
        return _start(tenant, booking, at, is_old=True)
    return _show(tenant, booking, quote)


@bp.post("/manage/<reference>/cancel/<uuid:quote_id>")
def cancel_confirm(reference: str, quote_id: UUID) -> Response:
    """Yes: do what was shown."""
    at = time.now()
    found = own_form(reference, at=at, purpose=Purpose.CANCEL)
    if found is None:
        return refused(reference)
    tenant, booking = found
    values = {name: single(request.form, name) for name in ("reason", "is_sure")}
    try:
        ticked(values["is_sure"])
        done = cancel.confirm(tenant.id, booking.id, quote_id, actor=Actor.COUPLE, at=at, reason=values["reason"])
    except NotCancellable:
        return _how_it_stands(reference, at)
    except Invalid as error:
        with database.reading(tenant.id):
            quote = quotes.load(tenant.id, booking.id, quote_id)
            if quote is None or not is_open(quote, Actor.COUPLE, at):
                return _start(tenant, booking, at, is_old=True, status=HTTPStatus.CONFLICT)
            errors = {name: speech.sentence(each) for name, each in error.fields.items()}
            return _show(tenant, booking, quote, values=values, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(done, Requoted):
        with database.reading(tenant.id):
            notice = speech.gettext(WHY_NOT[done.why])
            return _show(tenant, booking, done.quote, values=values, notice=notice, status=HTTPStatus.CONFLICT)
    if done.can_be_undone:
        day = speech.current().datetime_medium(done.undo_until)
        flash(speech.gettext("We have noted your cancellation. You can take it back until %(time)s.", time=day), "good")
    return htmx.see_other(onward(reference))


@bp.post("/manage/<reference>/undo")
def cancel_undo(reference: str) -> Response:
    """Take the cancellation back."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    try:
        undo.undo(tenant.id, booking.id, actor=Actor.COUPLE, at=at)
    except NotUndoable as error:
        return _how_it_stands(reference, at, speech.sentence(error))
    flash(speech.gettext("Your booking stays as it was. We are glad."), "good")
    return htmx.see_other(url_for("couple.manage", reference=reference))


def _how_it_stands(reference: str, at: datetime, sentence: str = "") -> Response:
    """Somebody was faster, or it is too late: read the booking once more and say so."""
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.CANCEL)
        if found is None:
            return stranger(reference)
        return _start(*found, at, sentence=sentence, status=HTTPStatus.CONFLICT)


def _start(
    tenant: TenantView,
    booking: BookingView,
    at: datetime,
    *,
    sentence: str = "",
    is_old: bool = False,
    status: int = HTTPStatus.OK,
) -> Response:
    refused = cancel.refusal(booking, today=tenant.today(at))
    words = None
    if refused is None:
        words = wording.of_booking(speech.current(), booking, overview(tenant.id, booking.id), at=at)
    return render(
        "couple/cancel.html",
        status=status,
        booking=booking,
        words=words,
        sentence=sentence or (speech.sentence(refused) if refused else ""),
        is_old=is_old and refused is None,
        booking_url=way_back(),
    )


def _show(
    tenant: TenantView,
    booking: BookingView,
    quote: Quote,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    language, account = speech.current(), overview(tenant.id, booking.id)
    minutes = quote.result["undo_minutes"]
    return render(
        "couple/cancel_shown.html",
        status=status,
        booking=booking,
        quote=quote,
        sums=returning.sums(language, quote, account),
        parts=returning.parts(language, quote, account),
        because=returning.because(language, quote),
        undo_time=returning.while_(language, minutes) if minutes else "",
        values=values or {},
        errors=errors or {},
        notice=notice,
        booking_url=way_back(),
    )
