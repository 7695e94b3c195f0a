"""After a change that was made with a link for it: the link is used up, so the page knows nothing and shows nothing.

What was done stands in the flash line of the browser that did it. The page is the same for every reference.
"""

from flask import Response

from portal.web.couple.frame import bp
from portal.web.render import render


@bp.get("/manage/<reference>/done")
def done(reference: str) -> Response:
    """Say where it goes on: in the mail."""
    del reference
    return render("couple/done.html")
