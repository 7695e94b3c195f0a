"""Where Postmark posts what became of mails. Exempt from CSRF: it says a password that only it and we know.

The answer never waits for what follows: an event is kept, and handled by a worker.
"""

import base64
from http import HTTPStatus

from flask import Response, request

from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.messages import inbox
from portal.web.hooks.stripe import bp

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105  the name of a header


@bp.post("/v1/webhooks/postmark")
def postmark() -> Response:
    """200 for what is authentic, 401 for who is not, 400 for what is no event, 413 for what is too long to be one."""
    if not inbox.is_authentic(_password()):
        refused = Response("who are you?\n", status=HTTPStatus.UNAUTHORIZED, mimetype="text/plain")
        refused.headers["WWW-Authenticate"] = 'Basic realm="webhooks"'
        return refused
    request.max_content_length = inbox.LONGEST_BODY
    try:
        receipt = inbox.receive(request.get_data(cache=False), at=time.now())
    except Invalid:
        return Response("not an event\n", status=HTTPStatus.BAD_REQUEST, mimetype="text/plain")
    return Response(f"{receipt}\n", mimetype="text/plain")


def _password() -> str:
    """Of the address (``https://postmark:password@…``), or in a header of its own.

    Read by hand: werkzeug fails on a header that is no ASCII.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.headers.get(SECRET_HEADER, "")
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
