"""Calendars to subscribe: read again and again by programs that know nothing but the address.

A foreign, replaced or invented secret is one and the same 404. What has not changed is 304 and costs no file.
"""

from http import HTTPStatus

from flask import Blueprint, Response, request

from portal.calendars import feeds, ics, published
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.messages import addresses
from portal.web import limits, speech, tenant
from portal.web.application import without_transaction

bp = Blueprint("feeds", __name__)
# Google asks a few times a day, Apple every five minutes at most; a household may have several devices.
_READINGS = "240/hour"
_GUESSES = "100/hour"


@bp.get("/calendar/<token>.ics")
@without_transaction
def feed(token: str) -> Response:
    """The bookings as a calendar."""
    try:
        asked = feeds.open_feed(token)
    except NotFound:
        limits.hit("guesses", limits.sender(), _GUESSES)
        raise
    limits.hit("feed", str(asked.feed_id), _READINGS, tenant_id=asked.tenant_id)
    with database.reading(asked.tenant_id):
        business = tenant.enter(asked.tenant_id)
        shown = published.published(asked.tenant_id, asked.feed_id, today=time.today(business.timezone))
    answer = Response(content_type=ics.CONTENT_TYPE)
    answer.set_etag(shown.tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = 'inline; filename="bookings.ics"'
    if request.if_none_match.contains_weak(shown.tag):
        answer.status_code = HTTPStatus.NOT_MODIFIED
        return answer
    answer.set_data(shown.file(speech.gettext("Cancelled"), addresses.dashboard_booking))
    return answer
