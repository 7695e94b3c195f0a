"""Where Stripe posts its events. Exempt from CSRF: the signature says who it is.

The answer never waits for Stripe, mail or PDF: an event is kept, and handled by a worker.
"""

from flask import Blueprint, Response, request

from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.payments import inbox

bp = Blueprint("hooks", __name__)


@bp.post("/v1/webhooks/stripe")
def stripe() -> Response:
    """200 for what is authentic, 400 for anything else, 413 for what is too long to be an event."""
    request.max_content_length = inbox.LONGEST_BODY
    body = request.get_data(cache=False)
    try:
        receipt = inbox.receive(body, request.headers.get("Stripe-Signature", ""), at=time.now())
    except Invalid:
        return Response("not an authentic event\n", status=400, mimetype="text/plain")
    return Response(f"{receipt}\n", mimetype="text/plain")
