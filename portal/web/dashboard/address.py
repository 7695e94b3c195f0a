"""The business corrects a couple's address of mail: the new one is asked whether it is theirs, and then counts."""

from http import HTTPStatus

from flask import Response, flash, request, url_for

from portal.bookings import queries
from portal.bookings.queries import BookingView
from portal.bookings.states import Actor, WhichAddress
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, TooMany
from portal.kernel.text import N_
from portal.lifecycle import address
from portal.tenants.queries import TenantView
from portal.web import htmx, limits, login, speech
from portal.web.dashboard.frame import bp, page
from portal.web.forms import people
from portal.web.forms.reading import single

_PER_ADDRESS = "3/hour"
_WHICH = N_("Please say which of the addresses this is.")


@bp.get("/<slug>/bookings/<reference>/address")
def address_form(slug: str, reference: str) -> Response:
    """Which address, and what it should be."""
    business, role = login.enter(slug)
    found = queries.by_reference(business.id, reference)
    asked = request.args.get("which", "")
    which = asked if asked in set(WhichAddress) and found.second_email else WhichAddress.FIRST
    return _page(business, role, found, {"which": which, "email": ""}, {})


@bp.post("/<slug>/bookings/<reference>/address")
def correct_address(slug: str, reference: str) -> Response:
    """Ask the new one."""
    business, role = login.enter(slug)
    login.changes(role)
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    person, values = login.who(), {"which": WhichAddress.FIRST.value, "email": ""}
    try:
        for name in values:
            values[name] = single(request.form, name)
        which = _which(values["which"], found)
        wanted = people.address(values["email"])
        limits.hit("new-address", wanted.lower(), _PER_ADDRESS, tenant_id=business.id)
        by = person.user_id if person else None
        address.ask(business.id, found.id, which, wanted, at=time.now(), actor=Actor.OWNER, user_id=by)
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    except (Invalid, TooMany) as error:
        fields = getattr(error, "fields", None) or {"email": error}
        errors = {name: speech.sentence(each) for name, each in fields.items()}
        is_many = isinstance(error, TooMany)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_many else HTTPStatus.UNPROCESSABLE_ENTITY
        with database.reading(business.id):
            return _page(business, role, found, values, errors, status=status)
    else:
        flash(speech.gettext("We have written to %(email)s. It counts once they confirm it.", email=wanted), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))


def _which(text: str, booking: BookingView) -> WhichAddress:
    """One that the booking has: adding a second one is the couple's."""
    if text not in set(WhichAddress) or (text == WhichAddress.SECOND and not booking.second_email):
        raise Invalid(_WHICH, {"which": _WHICH})
    return WhichAddress(text)


def _page(
    business: TenantView,
    role: Role,
    booking: BookingView,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    status: int = HTTPStatus.OK,
) -> Response:
    known = [(WhichAddress.FIRST.value, booking.email), (WhichAddress.SECOND.value, booking.second_email)]
    return page(
        "dashboard/address.html",
        business,
        role,
        current="bookings",
        status=status,
        booking=booking,
        values=values,
        errors=errors,
        known=[(which, email) for which, email in known if email],
    )
