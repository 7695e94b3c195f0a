"""The headers of every page: nothing from elsewhere, no scripts, nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import make_response, render_template

from portal.devtools.stripe_emulator.api.errors import NOT_FOUND

if TYPE_CHECKING:
    from flask import Response


def guarded(response: Response, leads_to: str = "") -> Response:
    """The response under a strict policy; its form may lead to that address."""
    # Browsers apply form-action to the redirect that answers a form as well.
    parts = urlsplit(leads_to)
    targets = f"'self' {parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {targets}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def not_found() -> Response:
    """The page for an address that leads nowhere."""
    return guarded(make_response(render_template("missing.html"), NOT_FOUND))
