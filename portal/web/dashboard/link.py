"""The couple's link once more, from the booking's page. The business never sees it; it goes to the couple's mail."""

from flask import Response, flash, url_for

from portal.bookings import queries
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.messages import resending
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp


@bp.post("/<slug>/bookings/<reference>/link")
def send_link(slug: str, reference: str) -> Response:
    """Send it, or say why not."""
    business, role = login.enter(slug)
    login.changes(role)
    person = login.who()
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    try:
        sent_to = resending.resend(
            business.id,
            found.id,
            user_id=person.user_id if person else None,
            timezone=business.timezone,
            at=time.now(),
        )
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        addresses = ", ".join(sent_to)
        flash(speech.gettext("The link is on its way to %(addresses)s.", addresses=addresses), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))
