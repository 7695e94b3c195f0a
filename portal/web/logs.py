"""Structured logs: one line per request, JSON in production and readable elsewhere, with request id and tenant.

A line names the route, never the address, which may hold a token; it has no query, cookie, body or remote address. What
looks like a secret in any other text is struck out before it is written.
"""

import io
import json
import logging
import re
import sys
import time
from collections.abc import MutableMapping
from secrets import token_hex
from typing import Any

import structlog
from flask import Response, current_app, g, request

from portal.settings import Settings
from portal.web.application import Application

_ENCODER = json.JSONEncoder(default=str)  # kept: json builds a new one for every line that needs a default
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
# Tokens of links (43 characters), keys and secrets of Stripe and Postmark, private keys, tokens of Google, statements
# signed for them, keys of the ring, passwords in addresses, card numbers.
_SECRETS = re.compile(
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"
    r"|\b(?:sk|rk|pk)_(?:live|test)_\w+|\bwhsec_\w+|\b\w+_secret_\w+"
    r"|-----BEGIN[A-Z ]*PRIVATE KEY-----.*?(?:-----END[A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\bya29\.[\w.-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|[A-Za-z0-9+/]{43}="
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
    r"|\b(?:\d[ -]?){12,18}\d\b",
    re.ASCII | re.DOTALL,
)


def strike_out(text: str) -> str:
    """A text without what looks like a secret."""
    return _SECRETS.sub("[struck out]", text)


def configure(settings: Settings) -> None:
    """Send everything that is logged in this process through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_Stream())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _strike_out_event,
                structlog.processors.JSONRenderer()
                if settings.is_production
                else structlog.dev.ConsoleRenderer(colors=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [
        kept for kept in root.handlers if not isinstance(kept.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # would write addresses
    logging.getLogger("flask_wtf").setLevel(logging.WARNING)


def request_log(settings: Settings) -> Any:  # noqa: ANN401  structlog's own type for it is Any
    """A short way to the same stream: through logging's a request's line would cost as much as a query."""
    return structlog.wrap_logger(
        structlog.WriteLogger(_Stream()),  # type: ignore[arg-type]  # it writes and flushes, which is all that is asked
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(settings),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def install(app: Application, settings: Settings) -> None:
    """Give each request an id, and write its line when the answer is ready."""
    app.extensions["request_log"] = request_log(settings)
    app.checks.append(_begin)
    app.after_request(_write)


class _Stream(io.TextIOBase):
    """Standard error as it is at the moment of writing."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _renderer(settings: Settings) -> structlog.typing.Processor:
    if settings.is_production:
        return structlog.processors.JSONRenderer(serializer=_json)
    return structlog.dev.ConsoleRenderer(colors=False)


def _json(event: object, **_: object) -> str:
    return _ENCODER.encode(event)


def _strike_out_event(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in ("event", "exception", "error"):
        if isinstance(value := event.get(name), str):
            event[name] = strike_out(value)
    return event


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _WELL_FORMED_ID.fullmatch(given) else token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _write(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    if request.endpoint == "static":
        return response
    tenant = g.get("tenant")
    current_app.extensions["request_log"].info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        tenant=str(tenant.id) if tenant else None,
        request_id=g.request_id,
    )
    return response
