"""From an emailed or shared link to what it is for: the token becomes a cookie, and the address loses it.

GET changes nothing in the database and uses nothing up. A link that has ended shows no data; it offers to mail a new
one to the address on file, unless this browser holds the booking already. ``?to=pay`` leads on to the payment,
``?pdf=`` to the document of this number.
"""

from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for

from portal.bookings import tokens
from portal.bookings.sharing import SHARED
from portal.bookings.states import LinkAction
from portal.bookings.tokens import Link
from portal.db import database
from portal.invoices import numbers
from portal.kernel import time
from portal.kernel.errors import Gone, NotFound
from portal.kernel.text import N_
from portal.messages import requests
from portal.web import limits, links
from portal.web.couple.ended import RENEWABLE, count_renewal, ended
from portal.web.couple.frame import bp, ended_link, stranger

# Nobody mistypes 43 characters a hundred times an hour.
_GUESSES = "100/hour"
_UNKNOWN = N_("Please check that you copied all of it, or open it from the email again.")
# The page of a link's purpose; the others lead to the couple's page.
_PAGES = {
    LinkAction.RESCHEDULE: "couple.reschedule",
    LinkAction.CANCEL: "couple.cancel_start",
    LinkAction.EMAIL: "couple.new_address",
    LinkAction.LOOK: "couple.look",
    LinkAction.PAY: "couple.pay",
}


@bp.get("/m/<token>")
def enter(token: str) -> Response:
    """Open a link."""
    at = time.now()
    link = _opened(token, at)
    if link.state == "valid":
        return links.remember(_to(link), link.token_id)
    is_shared = link.action in SHARED  # the couple that tries whether it has really ended is to see that
    if not is_shared and tokens.link_to(link.tenant_id, link.booking_id, links.held(), at=at):
        return _to(link)
    return ended(link, renew_url=request.path)


@bp.post("/m/<token>")
def renew(token: str) -> Response:
    """Mail a new link in the place of one that ended."""
    at = time.now()
    with database.reading():
        link = _opened(token, at)
        if link.state == "valid":
            return _to(link)
        if link.action not in RENEWABLE:
            return ended(link, renew_url=request.path)
    count_renewal(link)
    requests.request_link(link.tenant_id, link.booking_id, link.token_id)
    with database.reading(link.tenant_id):
        return ended(link, renew_url=request.path, is_sent=True)


@bp.post("/manage/<reference>/link")
def renew_held(reference: str) -> Response:
    """The same from a browser that holds the ended link and has come by the booking's address."""
    at = time.now()
    with database.reading_by("tenant_id_by_reference", reference):
        link = ended_link(reference, at=at)
        if link is None or link.action not in RENEWABLE:
            return stranger(reference)
    count_renewal(link)
    requests.request_link(link.tenant_id, link.booking_id, link.token_id)
    with database.reading(link.tenant_id):
        return ended(link, renew_url=request.path, is_sent=True)


def _opened(token: str, at: datetime) -> Link:
    try:
        link = tokens.open_link(token, at=at)
    except NotFound:
        limits.hit("guesses", limits.sender(), _GUESSES)
        raise Gone(_UNKNOWN) from None
    return link


def _to(link: Link) -> Response:
    page = _PAGES.get(link.action, "couple.manage")
    if link.action is LinkAction.MANAGE and request.args.get("to") == "pay":
        page = "couple.pay"
    values: dict[str, Any] = {"reference": link.reference}
    if link.action is LinkAction.MANAGE and numbers.read(request.args.get("pdf", "")):
        page, values["number"] = "couple.document_pdf", request.args["pdf"]
    answer = redirect(url_for(page, **values))
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return answer
