"""A mail inside a page: in a frame of its own address, where it keeps its styles, runs nothing and fetches nothing."""

from flask import Response

_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_FRAMING = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; frame-ancestors 'none'"
)


def framed(html: str) -> Response:
    """The mail's HTML, for the frame."""
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _FRAMED
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def framing(page: Response) -> Response:
    """The page around the frame."""
    page.headers["Content-Security-Policy"] = _FRAMING
    return page
