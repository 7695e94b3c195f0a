"""Cookies: their names and marks, and the signed session cookie, which is touched only where a page needs it.

Over HTTPS every name begins with ``__Host-``: the browser then takes the cookie from this very host alone, for the
whole site, never over plain HTTP. A page without a form sets no cookie and does not vary by one.
"""

from collections.abc import Iterable

import flask
from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from htmx_flask.requests import HtmxAwareRequest

from portal import settings

_PREFIX = "__Host-"


class PortalRequest(HtmxAwareRequest):  # type: ignore[misc]
    """A request that remembers its session, to look into it without being counted as having used it."""

    opened_session: SecureCookieSession | None = None


def name_of(plain: str) -> str:
    """A cookie's name as the browser knows it."""
    return f"{_PREFIX}{plain}" if settings.current().uses_https else plain


def put(response: Response, plain: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie that only this site reads, out of the reach of scripts."""
    response.set_cookie(
        name_of(plain),
        value,
        max_age=max_age,
        secure=settings.current().uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop(response: Response, plain: str) -> None:
    """Forget a cookie."""
    put(response, plain, "", max_age=0)


def has_message() -> bool:
    """Whether a message waits for this browser; looking does not count as using the session."""
    session: SecureCookieSession | None = request.opened_session  # type: ignore[attr-defined]  # PortalRequest has it
    return session is not None and "_flashes" in session


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed sessions; a request that brings none costs nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if app.config["SESSION_COOKIE_NAME"] in request.environ.get("HTTP_COOKIE", ""):
            session = super().open_session(app, request)
        else:
            session = self.session_class()
        if isinstance(request, PortalRequest):
            request.opened_session = session
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def _flashed(
    with_categories: bool = False,  # noqa: FBT001, FBT002  Flask's signature
    category_filter: Iterable[str] = (),
) -> list[str] | list[tuple[str, str]]:
    if not has_message():
        return []
    return flask.get_flashed_messages(with_categories, category_filter)


def install(app: Flask) -> None:
    """Sessions, and the flash line that does not touch one which is empty."""
    app.config.update(
        SESSION_COOKIE_NAME=name_of("session"),
        SESSION_COOKIE_SECURE=settings.current().uses_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.session_interface = _Sessions()
    app.jinja_env.globals["get_flashed_messages"] = _flashed
