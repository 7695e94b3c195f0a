"""“I lost my link”: the same answer, after the same work, for an address that booked and for one that did not.

The web looks nothing up; it owes one effect, and the worker finds out whether there is anybody to write to.
"""

from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from portal.bookings.addresses import clean_address
from portal.kernel.errors import Invalid, PortalError, TooMany
from portal.messages import requests
from portal.web import htmx, limits, speech
from portal.web.forms.reading import single
from portal.web.render import render
from portal.web.tenant import current

bp = Blueprint("find_booking", __name__, url_prefix="/t/<slug>")
PER_ADDRESS = "3/hour"
PER_SENDER = "20/hour"


@bp.get("/find-booking")
def page(slug: str) -> Response:
    """The form, or word that a mail may be on its way."""
    del slug
    return _shown(is_sent="sent" in request.args)


@bp.post("/find-booking")
def send(slug: str) -> Response:
    """Owe the mail."""
    typed = ""
    try:
        typed = single(request.form, "email")
        address = clean_address(typed)
        limits.hit("find-booking-from", limits.sender(), PER_SENDER)
        limits.hit("find-booking", address.lower(), PER_ADDRESS, tenant_id=current().id)
    except Invalid as error:
        return _shown(typed, {"email": error}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooMany as error:
        return _shown(typed, {"": error}, status=HTTPStatus.TOO_MANY_REQUESTS)
    requests.request_links(current().id, address)
    return htmx.see_other(url_for("find_booking.page", slug=slug, sent=1))


def _shown(
    typed: str = "",
    errors: dict[str, PortalError] | None = None,
    *,
    status: int = HTTPStatus.OK,
    is_sent: bool = False,
) -> Response:
    return render(
        "storefront/find_booking.html",
        status=status,
        values={"email": typed},
        errors={name: speech.sentence(error) for name, error in (errors or {}).items()},
        sent=is_sent,
        find_url=url_for("find_booking.page", slug=current().slug),
    )
