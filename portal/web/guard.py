"""What is turned away before any view: foreign hosts, broken text, forms that another site sent.

None of it needs the database. A refusal is 400, 403 or 413 with a friendly page, and changes nothing.
"""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlsplit

from flask import request
from werkzeug.exceptions import BadRequest, Forbidden, RequestEntityTooLarge

from portal.settings import Settings
from portal.web.application import Application

# A form of ours is a few kilobytes.
LARGEST_BODY = 256 * 1024
MOST_FIELDS = 1000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Machines ask for these by address or container name, and they show nothing that depends on the host.
_ANY_HOST = frozenset({"health"})
# Signed by their sender, read as raw bytes.
_SIGNED = frozenset({"hooks"})
# Pages whose own reading refuses NUL beside the field that it came in, and keeps the rest of the form.
_SAYS_SO_AT_THE_FIELD = frozenset({"booking"})
_FORM = "application/x-www-form-urlencoded"
_REPLACEMENT = "\ufffd"  # what a decoder leaves where it could not read


def install(app: Application, settings: Settings) -> None:
    """Check every request before anything else looks at it."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    is_ours = _host_check(settings)
    origin = _origin(settings.base_url)

    def guard() -> None:
        if request.blueprint not in _ANY_HOST and not is_ours(request.environ.get("HTTP_HOST", "")):
            raise BadRequest
        _refuse_broken_address()
        if request.method not in _SAFE and request.blueprint not in _SIGNED:
            _refuse_other_sites(origin, is_loopback_ours=not settings.is_production)
            view = app.view_functions.get(request.endpoint or "")
            request.max_content_length = getattr(view, "most_bytes", LARGEST_BODY)
            _refuse_broken_form()

    app.checks.append(guard)


def _host_check(settings: Settings) -> Callable[[str], bool]:
    """Whether a Host header names this site. Upper case and a final dot are other spellings of the same name."""
    ours = {_normal(urlsplit(settings.base_url).netloc)}

    @lru_cache(maxsize=256)
    def is_ours(header: str) -> bool:
        host = _normal(header)
        return host in ours or (not settings.is_production and host is not None and _name(host) in _LOOPBACK)

    return is_ours


def _normal(header: str) -> str | None:
    """``name`` or ``name:port`` in one spelling; None for what is no host at all."""
    host = header.lower()
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not host.isascii() or not parts.hostname:
        return None
    name = parts.hostname.removesuffix(".")
    name = f"[{name}]" if ":" in name else name
    return name if port in {None, 80, 443} else f"{name}:{port}"


def _name(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _refuse_broken_address() -> None:
    path: str = request.environ.get("PATH_INFO", "")
    query: str = request.environ.get("QUERY_STRING", "")
    if not path.isascii() or "\0" in path:
        _readable(path.encode("latin-1"))
    if "%" in query or not query.isascii():
        _readable(unquote_to_bytes(query.encode("latin-1")))


def _readable(raw: bytes, *, refused: str | None = "\0") -> None:
    """Strict UTF-8 (which has no lone surrogates) without NUL, which PostgreSQL cannot hold."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadRequest from None
    if refused and refused in text:
        raise BadRequest


def _refuse_other_sites(origin: str, *, is_loopback_ours: bool) -> None:
    """Browsers say where a POST comes from. A program that sends neither header has no cookies to abuse."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden
    sent = request.headers.get("Origin")
    if sent is None or sent.lower() == origin:
        return
    if not (is_loopback_ours and sent.lower() == f"{request.scheme}://{request.host}".lower()):
        raise Forbidden


def _refuse_broken_form() -> None:
    nul = None if request.blueprint in _SAYS_SO_AT_THE_FIELD else "\0"
    if request.mimetype == _FORM:
        raw = request.get_data(cache=True)
        if raw.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        if b"%" in raw or not raw.isascii() or b"\0" in raw:
            _readable(unquote_to_bytes(raw), refused=nul)
        return
    for name, value in request.form.items(multi=True):
        if (nul and nul in name + value) or _REPLACEMENT in name + value:
            raise BadRequest
