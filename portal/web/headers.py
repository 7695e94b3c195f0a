"""Headers of a careful site: nothing inline, nothing framed, nothing sniffed, nothing kept that is personal.

Every page says what may be kept of it: public pages are asked for again each time but may be stored, all others never.
Only public pages are compressed on the way: text that somebody else chose, compressed together with a secret such as a
form's token, lets its length tell the secret (BREACH).
"""

import gzip
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, request

from portal.settings import Settings
from portal.web import htmx, tenant

PUBLIC = frozenset({"front", "storefront"})  # blueprints whose pages are the same for everybody
# What stands in their addresses, or in links to them, is nobody else's business. Not `no-referrer`: a POST from such a
# page would then say "Origin: null".
_SECRET = frozenset({"account", "booked", "booking", "couple", "dashboard", "find_booking", "password"})
_STRIPE = "https://checkout.stripe.com"
_SMALLEST = 1024
_YEAR = 365 * 24 * 3600


def install(app: Flask, settings: Settings) -> None:
    """Add them to every answer."""
    everywhere = _everywhere(settings)

    def add(response: Response) -> Response:
        if request.endpoint == "static":
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response
        if "Content-Security-Policy" in response.headers:  # a view with one of its own
            for name, value in everywhere:
                response.headers.setdefault(name, value)
        else:
            response.headers.extend(everywhere)
        if "Referrer-Policy" not in response.headers:
            response.headers["Referrer-Policy"] = _referrer_policy()
        vary = [htmx.VARY] if response.mimetype == "text/html" else []
        if vary and tenant.known() is None:
            vary.append("Accept-Language")
        if "Cache-Control" not in response.headers:
            vary += _say_what_may_be_kept(response)
        if vary:
            before = response.headers.get("Vary")
            response.headers["Vary"] = ", ".join([before, *vary] if before else vary)
        return response

    app.after_request(add)


def _referrer_policy() -> str:
    """How much of its own address a page tells, even to this site: never a token, as in that of a link that ended."""
    if "token" in (request.view_args or {}):
        return "strict-origin"
    return "same-origin" if request.blueprint in _SECRET else "strict-origin-when-cross-origin"


def policy(settings: Settings) -> str:
    """The content security policy. A form may lead on to Stripe, outside production to the emulator."""
    form_action = ["'self'", _STRIPE]
    if settings.stripe_api_base and not settings.is_production:
        emulator = urlsplit(settings.stripe_api_base)
        form_action.append(f"{emulator.scheme}://{emulator.netloc}")
    rules = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        f"form-action {' '.join(form_action)}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
    return "; ".join([*rules, "upgrade-insecure-requests"] if settings.uses_https else rules)


def _everywhere(settings: Settings) -> list[tuple[str, str]]:
    found = [
        ("Content-Security-Policy", policy(settings)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    if settings.uses_https:
        found.append(("Strict-Transport-Security", f"max-age={_YEAR}"))
    return found


def _say_what_may_be_kept(response: Response) -> list[str]:
    """Says it, compresses what is public, and returns what the answer varies by."""
    session = request.opened_session  # type: ignore[attr-defined]  # the application's request class has it
    is_personal = (
        request.blueprint not in PUBLIC or session.accessed or session.modified or "Set-Cookie" in response.headers
    )
    if is_personal:
        response.headers["Cache-Control"] = "private, no-store"
        return []
    response.headers["Cache-Control"] = "no-cache"
    if response.is_sequence and (response.mimetype or "").startswith("text/"):
        _compress(response)
        return ["Accept-Encoding"]
    return []


def _compress(response: Response) -> None:
    body = response.get_data()
    if len(body) < _SMALLEST or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return
    response.set_data(_compressed(body))
    response.headers["Content-Encoding"] = "gzip"


@lru_cache(maxsize=64)
def _compressed(body: bytes) -> bytes:
    """Kept, because public pages come out the same again and again."""
    return gzip.compress(body, 5, mtime=0)
