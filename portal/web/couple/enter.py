"""From an emailed link to the booking: the token becomes a cookie, and the address loses it.

GET changes nothing in the database and uses nothing up. A link that has ended shows no data; it offers to mail a new
one to the address on file, unless this browser holds the booking already. ``?to=pay`` leads on to the payment.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Response, redirect, request, url_for

from portal.bookings import queries, tokens
from portal.bookings.tokens import Link
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Gone, NotFound
from portal.kernel.text import N_
from portal.messages import requests
from portal.tenants import queries as tenants
from portal.web import limits, links, speech
from portal.web.couple.frame import bp
from portal.web.render import render

# Nobody mistypes 43 characters a hundred times an hour.
_GUESSES = "100/hour"
_NEW_LINKS = "3/hour"
_UNKNOWN = N_("Please check that you copied all of it, or open it from the email again.")


@bp.get("/m/<token>")
def enter(token: str) -> Response:
    """Open a link."""
    at = time.now()
    link = _opened(token, at)
    if link.state == "valid":
        return links.remember(_to(link.reference), link.token_id)
    if tokens.link_to(link.tenant_id, link.booking_id, links.held(), at=at):
        return _to(link.reference)
    return _ended(link)


@bp.post("/m/<token>")
def renew(token: str) -> Response:
    """Mail a new link in the place of one that ended."""
    at = time.now()
    with database.reading():
        link = _opened(token, at)
        if link.state == "valid":
            return _to(link.reference)
    limits.hit("new-link", str(link.booking_id), _NEW_LINKS, tenant_id=link.tenant_id)
    requests.request_link(link.tenant_id, link.booking_id, link.token_id)
    with database.reading(link.tenant_id):
        return _ended(link, is_sent=True)


def _opened(token: str, at: datetime) -> Link:
    try:
        link = tokens.open_link(token, at=at)
    except NotFound:
        limits.hit("guesses", limits.sender(), _GUESSES)
        raise Gone(_UNKNOWN) from None
    return link


def _ended(link: Link, *, is_sent: bool = False) -> Response:
    """The page of a spent link, in the business's language and without its name or anything of the booking."""
    business = tenants.get(link.tenant_id)
    speech.speak(business.locale, business.timezone)
    address = link.recipient or queries.by_id(link.tenant_id, link.booking_id).email
    status = HTTPStatus.OK if is_sent else HTTPStatus.GONE
    return render("couple/ended.html", status=status, address=tokens.masked(address), is_sent=is_sent)


def _to(reference: str) -> Response:
    page = "couple.pay" if request.args.get("to") == "pay" else "couple.manage"
    answer = redirect(url_for(page, reference=reference))
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return answer
