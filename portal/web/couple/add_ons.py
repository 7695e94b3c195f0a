"""The couple changes its add-ons: see what they cost now, then confirm exactly that."""

import re
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, request, url_for

from portal.bookings.add_ons import Choice
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.bookings.states import Actor, ChangeKind
from portal.catalog import queries as catalog
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.text import N_
from portal.lifecycle import add_ons
from portal.lifecycle.details import NotChangeable
from portal.lifecycle.overview import overview
from portal.lifecycle.quote import Requoted
from portal.messages import moving, returning
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, speech
from portal.web.couple import details_page
from portal.web.couple.details_page import Typed
from portal.web.couple.frame import bp, own_booking, own_form, refused, stranger
from portal.web.forms.reading import single
from portal.web.quoting import WHY_NOT, is_open, shown_quote
from portal.web.render import render

_LOOKS = "30/hour"
_DIGITS = re.compile(r"[0-9]{1,4}", re.ASCII)
_PREFIX = "add_on_"


@bp.post("/manage/<reference>/add-ons")
def add_ons_see(reference: str) -> Response:
    """Work out what they would cost now, and lead to the page that shows it."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at)
        if found is None:
            return stranger(reference)
        tenant, booking = found
        detail = catalog.package_as_it_is(tenant.id, booking.package_id)
        account = overview(tenant.id, booking.id)
        choices = add_ons.choices(booking, account, detail.add_ons, today=tenant.today(at))
    limits.hit("quotes", str(booking.id), _LOOKS, tenant_id=tenant.id)
    quantities, chosen = _read(choices)
    try:
        if chosen.errors:
            return _again(tenant, booking, at, chosen)
        quote = add_ons.see(tenant.id, booking.id, quantities, at=at)
    except NotChangeable as error:
        return details_page.how_it_stands(reference, at, error)
    except Invalid as error:
        chosen.errors = {name: speech.sentence(each) for name, each in error.fields.items()}
        return _again(tenant, booking, at, chosen)
    return htmx.see_other(url_for("couple.add_ons_shown", reference=reference, quote_id=quote.id))


@bp.get("/manage/<reference>/add-ons/<uuid:quote_id>")
def add_ons_shown(reference: str, quote_id: UUID) -> Response:
    """The figures, and the form that confirms them."""
    at = time.now()
    found = own_booking(reference, at=at)
    if found is None:
        return stranger(reference)
    tenant, booking = found
    quote = shown_quote(tenant.id, booking.id, quote_id)
    if not is_open(quote, Actor.COUPLE, at, kind=ChangeKind.DETAILS):
        old = speech.gettext(
            "The figures on that page are no longer good. Nothing was done. Please look at them once more."
        )
        return details_page.show(tenant, booking, at, sentence=old)
    return _show(tenant, booking, quote, at)


@bp.post("/manage/<reference>/add-ons/<uuid:quote_id>")
def add_ons_confirm(reference: str, quote_id: UUID) -> Response:
    """Yes: do what was shown."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    limits.hit("quotes", str(booking.id), _LOOKS, tenant_id=tenant.id)
    try:
        done = add_ons.confirm(tenant.id, booking.id, quote_id, at=at)
    except (NotChangeable, Invalid) as error:
        return details_page.how_it_stands(reference, at, error)
    if isinstance(done, Requoted):
        with database.reading(tenant.id):
            notice = speech.gettext(WHY_NOT[done.why])
            return _show(tenant, booking, done.quote, at, notice=notice, status=HTTPStatus.CONFLICT)
    flash(speech.gettext("Your add-ons are changed. The price below is the new one."), "good")
    return htmx.see_other(url_for("couple.manage", reference=reference))


def _read(choices: list[Choice]) -> tuple[dict[UUID, int], Typed]:
    """How many of each; a field that did not come leaves its add-on as it is."""
    quantities, chosen = dict[UUID, int](), Typed()
    for each in choices:
        try:
            text = single(request.form, each.field, str(each.quantity))
            chosen.values[each.field] = text
            quantities[each.id] = _quantity(text, each)
        except PortalError as error:
            chosen.errors[each.field] = speech.sentence(error)
    known = {each.field for each in choices}
    others = [name for name in request.form if name.startswith(_PREFIX) and name not in known]
    if any(text.strip() not in {"", "0"} for name in others for text in request.form.getlist(name)):
        gone = N_("One of the add-ons is not offered any more. Please check what you chose.")
        chosen.errors[""] = speech.gettext(gone)
    return quantities, chosen


def _quantity(text: str, choice: Choice) -> int:
    text = text.strip(" ") or "0"
    if not _DIGITS.fullmatch(text):
        sentence = N_("Please choose a number from %(least)s to %(most)s.")
        raise Invalid(sentence, least=choice.least, most=choice.most)
    return int(text)


def _again(tenant: TenantView, booking: BookingView, at: datetime, chosen: Typed) -> Response:
    with database.reading(tenant.id):
        return details_page.show(tenant, booking, at, chosen=chosen, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _show(
    tenant: TenantView, booking: BookingView, quote: Quote, at: datetime, *, notice: str = "", status: int = 200
) -> Response:
    language, account, today = speech.current(), overview(tenant.id, booking.id), tenant.today(at)
    return render(
        "couple/add_ons_shown.html",
        status=status,
        booking=booking,
        quote=quote,
        price=moving.price_after(language, booking, quote, tenant.tax_label),
        parts=moving.parts_of(language, moving.planned(quote), today),
        refunds=returning.parts(language, quote, account),
        notice=notice,
    )
