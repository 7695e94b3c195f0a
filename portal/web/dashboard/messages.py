"""Mails about a booking that failed: the business sends them once more from the booking's page."""

from uuid import UUID

from flask import Response, flash, url_for

from portal.bookings import queries
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.messages import failed
from portal.web import htmx, login, speech
from portal.web.dashboard.frame import bp


@bp.post("/<slug>/bookings/<reference>/messages/<uuid:message_id>/retry")
def send_again(slug: str, reference: str, message_id: UUID) -> Response:
    """Make one due now; a second press, or somebody else's, changes nothing."""
    business, role = login.enter(slug)
    login.changes(role)
    with database.reading(business.id):
        found = queries.by_reference(business.id, reference)
    try:
        failed.retry(business.id, found.id, message_id, at=time.now())
    except Conflict as error:
        flash(speech.sentence(error), "warn")
    else:
        flash(speech.gettext("The email is sent once more."), "good")
    return htmx.see_other(url_for(".booking", slug=slug, reference=reference))
