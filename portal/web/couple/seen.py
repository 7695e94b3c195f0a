"""Word from a page that a shared link has opened it: the couple sees in its list whether the link was used.

GET writes nothing, and mail scanners open every link; so the page itself says so once it stands in a browser.
"""

from http import HTTPStatus

from flask import Response, url_for

from portal.bookings import sharing
from portal.bookings.states import LinkAction, Purpose
from portal.kernel import time
from portal.web.couple.frame import bp, opened_by, own_form, refused

_ENDPOINTS = {LinkAction.LOOK: "couple.look_seen", LinkAction.PAY: "couple.pay_seen"}


def seen_url(reference: str) -> str:
    """Where the page that was opened last says so; empty for a link that nobody has shared."""
    endpoint = _ENDPOINTS.get(opened_by().action)
    return url_for(endpoint, reference=reference) if endpoint else ""


@bp.post("/manage/<reference>/look/seen")
def look_seen(reference: str) -> Response:
    """The page to look at stands in a browser."""
    return _seen(reference, Purpose.LOOK)


@bp.post("/manage/<reference>/pay/seen")
def pay_seen(reference: str) -> Response:
    """The page to pay on stands in a browser."""
    return _seen(reference, Purpose.PAY)


def _seen(reference: str, purpose: Purpose) -> Response:
    at = time.now()
    found = own_form(reference, at=at, purpose=purpose)
    if found is None:
        return refused(reference)
    if opened_by().action in _ENDPOINTS:
        tenant, booking = found
        sharing.note_opening(tenant.id, booking.id, opened_by().link_id, at=at)
    return Response(status=HTTPStatus.NO_CONTENT)
