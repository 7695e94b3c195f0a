"""No more mail after the event: the page behind the link in such a mail, and the POST that mail programs send alone.

GET changes nothing. The POST needs no page, cookie or form token before it (RFC 8058): the secret in the address is
all it takes, and all it can do is stop one kind of mail to one address.
"""

from flask import Blueprint, Response

from portal.bookings.tokens import masked
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Gone, NotFound
from portal.kernel.text import N_
from portal.messages import follow_ups
from portal.messages.follow_ups import Opened
from portal.web import limits, tenant
from portal.web.render import render

bp = Blueprint("unsubscribe", __name__)
# Nobody mistypes 43 characters a hundred times an hour.
_GUESSES = "100/hour"
_UNKNOWN = N_("Please check that you copied all of it, or open it from the email again.")


@bp.get("/unsubscribe/<token>")
def page(token: str) -> Response:
    """What would stop, with a button."""
    return _shown(_opened(token))


@bp.post("/unsubscribe/<token>")
def stop(token: str) -> Response:
    """Stop it."""
    with database.reading():
        opened = _opened(token)
    follow_ups.stop(opened.tenant_id, opened.recipient, at=time.now())
    with database.reading(opened.tenant_id):
        return _shown(Opened(opened.tenant_id, opened.recipient, has_stopped=True))


def _opened(token: str) -> Opened:
    try:
        return follow_ups.open_link(token, at=time.now())
    except NotFound:
        limits.hit("guesses", limits.sender(), _GUESSES)
        raise Gone(_UNKNOWN) from None


def _shown(opened: Opened) -> Response:
    tenant.enter(opened.tenant_id)
    return render("storefront/unsubscribe.html", address=masked(opened.recipient), has_stopped=opened.has_stopped)
