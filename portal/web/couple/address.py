"""Another address of mail for a booking: asked for here, confirmed from a link that was mailed to it.

The link's page shows nothing but the question, and only its form acts. Whoever says yes may open the booking.
"""

from http import HTTPStatus

from flask import Response, flash, request, url_for

from portal.bookings import address_changes
from portal.bookings.states import Purpose, WhichAddress
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, TooMany
from portal.kernel.text import N_
from portal.lifecycle import address
from portal.lifecycle.address import LinkUsedUp
from portal.web import htmx, limits, links, speech
from portal.web.couple import details_page
from portal.web.couple.details_page import Typed
from portal.web.couple.frame import bp, opened_by, own_booking, own_form, refused, stranger
from portal.web.forms import people
from portal.web.forms.reading import single
from portal.web.render import render

PER_ADDRESS = "3/hour"
PER_BOOKING = "10/hour"


@bp.post("/manage/<reference>/address")
def ask_address(reference: str) -> Response:
    """Ask another address whether it is theirs."""
    at, asked = time.now(), Typed()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    try:
        for name in ("which", "email"):
            asked.values[name] = single(request.form, name)
        which = _which(asked.values["which"])
        wanted = people.address(asked.values["email"])
        limits.hit("new-addresses", str(booking.id), PER_BOOKING, tenant_id=tenant.id)
        limits.hit("new-address", wanted.lower(), PER_ADDRESS, tenant_id=tenant.id)
        address.ask(tenant.id, booking.id, which, wanted, at=at)
    except Conflict as error:
        return details_page.how_it_stands(reference, at, error)
    except (Invalid, TooMany) as error:
        fields = getattr(error, "fields", None) or {"email": error}
        asked.errors = {name: speech.sentence(each) for name, each in fields.items()}
        asked.values.setdefault("which", WhichAddress.FIRST)
        is_many = isinstance(error, TooMany)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_many else HTTPStatus.UNPROCESSABLE_ENTITY
        with database.reading(tenant.id):
            return details_page.show(tenant, booking, at, asked=asked, status=status)
    flash(
        speech.gettext("We have written to %(email)s. It counts once you confirm it from that mail.", email=wanted),
        "good",
    )
    return htmx.see_other(url_for("couple.details", reference=reference))


@bp.post("/manage/<reference>/address/forget")
def forget_address(reference: str) -> Response:
    """The couple thought better of it, or had mistyped it."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    if address.give_up(tenant.id, booking.id, at=at):
        flash(speech.gettext("The new address was given up. We go on writing where we wrote before."), "good")
    return htmx.see_other(url_for("couple.details", reference=reference))


@bp.post("/manage/<reference>/address/remove")
def remove_address(reference: str) -> Response:
    """Take the second address away; this browser gets a new link, because all others end."""
    at = time.now()
    found = own_form(reference, at=at)
    if found is None:
        return refused(reference)
    tenant, booking = found
    try:
        token_id = address.remove_second(tenant.id, booking.id, at=at)
    except Conflict as error:
        return details_page.how_it_stands(reference, at, error)
    flash(speech.gettext("The second address was taken away. We have mailed you a new link."), "good")
    return links.remember(htmx.see_other(url_for("couple.details", reference=reference)), token_id)


@bp.get("/manage/<reference>/new-address")
def new_address(reference: str) -> Response:
    """The question that a new address is asked."""
    at = time.now()
    found = own_booking(reference, at=at, purpose=Purpose.EMAIL)
    if found is None:
        return _elsewhere(reference)
    tenant, booking = found
    change = address_changes.asked_by(tenant.id, opened_by().link_id)
    if change is None or not change.is_waiting(at):
        return _elsewhere(reference)
    return render("couple/new_address.html", booking=booking, change=change)


@bp.post("/manage/<reference>/new-address")
def confirm_address(reference: str) -> Response:
    """Yes, it is theirs."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        found = own_booking(reference, at=at, purpose=Purpose.EMAIL)
        if found is None:
            return _elsewhere(reference)
    tenant, booking = found
    try:
        token_id = address.confirm(tenant.id, booking.id, opened_by().link_id, at=at)
    except (LinkUsedUp, Conflict):
        with database.reading_by("tenant_id_by_reference", reference):
            return _elsewhere(reference)
    flash(speech.gettext("Thank you. From now on we write to your new address."), "good")
    return links.remember(htmx.see_other(url_for("couple.manage", reference=reference)), token_id)


def _elsewhere(reference: str) -> Response:
    """The link was used, or another took its place: to the booking, if this browser holds it; else as a stranger."""
    if own_booking(reference, at=time.now()):
        return htmx.see_other(url_for("couple.manage", reference=reference))
    return stranger(reference)


def _which(text: str) -> WhichAddress:
    if text not in set(WhichAddress):
        sentence = N_("Please choose which address this is for.")
        raise Invalid(sentence, {"which": sentence})
    return WhichAddress(text)
