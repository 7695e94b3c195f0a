"""The style sheet that gives a document on a screen its business's colour.

The colour is all of its address: the same sheet for whoever asks, and nothing is looked up.
"""

import re

from flask import Blueprint, Response

from portal.invoices import page
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.web.application import without_transaction

bp = Blueprint("document", __name__)
_COLOUR = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)
_FOREVER = "public, max-age=31536000, immutable"


@bp.get("/documents/<colour>.css")
@without_transaction
def colours(colour: str) -> Response:
    """The colours of paper that bears this one."""
    if not _COLOUR.fullmatch(colour):
        raise NotFound(N_("There is nothing at this address. Please check that you copied all of it."))
    answer = Response(page.colours(f"#{colour.lower()}"), mimetype="text/css")
    answer.headers["Cache-Control"] = _FOREVER
    return answer
