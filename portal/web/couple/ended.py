"""The page of a link that opens nothing any more: without the business's name, and without anything of the booking.

A link that was mailed can be mailed anew, to an address on file. One that a couple has shared cannot: only the couple
knows whom it is for. Nor can the question whether an address is somebody's: it is asked from the booking's page.
"""

from http import HTTPStatus

from flask import Response

from portal.bookings import queries, tokens
from portal.bookings.sharing import SHARED
from portal.bookings.states import LinkAction
from portal.bookings.tokens import Link
from portal.tenants import queries as tenants
from portal.web import limits, speech
from portal.web.render import render

RENEWABLE = frozenset({LinkAction.MANAGE, LinkAction.BROWSER, LinkAction.RESCHEDULE, LinkAction.CANCEL})
_NEW_LINKS = "3/hour"


def count_renewal(link: Link) -> None:
    """A booking gets few new links an hour. Raises TooMany."""
    limits.hit("new-link", str(link.booking_id), _NEW_LINKS, tenant_id=link.tenant_id)


def ended(link: Link, *, renew_url: str, is_sent: bool = False) -> Response:
    """Say so, in the business's language; ``renew_url`` is where a new one is asked for. Within ``reading()``."""
    business = tenants.get(link.tenant_id)
    speech.speak(business.locale, business.timezone)
    is_renewable = link.action in RENEWABLE
    return render(
        "couple/ended.html",
        status=HTTPStatus.OK if is_sent else HTTPStatus.GONE,
        address=_masked(link) if is_renewable else "",
        is_used=link.state == "used",
        is_shared=link.action in SHARED,
        is_sent=is_sent,
        renew_url=renew_url,
    )


def _masked(link: Link) -> str:
    """The address that a new link goes to: the one that had this, if it is still on file."""
    booking = queries.by_id(link.tenant_id, link.booking_id)
    on_file = {address.lower(): address for address in (booking.email, booking.second_email) if address}
    return tokens.masked(on_file.get(link.recipient.lower(), booking.email))
