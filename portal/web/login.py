"""Who is logged in, asked only where it matters: flask-login over our own session rows.

The browser holds a random token in a cookie of its own; the row holds its hash. flask-login's hooks on every response
are not installed: they serve its remember-me cookie, which we do not use, and would make each page vary by cookie.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Request, Response, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from portal.db import database
from portal.identity import sessions
from portal.identity.roles import Role
from portal.identity.sessions import LoggedIn
from portal.kernel import time
from portal.kernel.errors import Forbidden, NotFound
from portal.kernel.text import N_
from portal.tenants.queries import TenantView
from portal.web import cookies, tenant

_COOKIE = "login"


@dataclass
class Account(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """The person behind this request, as flask-login wants it."""

    who: LoggedIn

    def get_id(self) -> str:
        """The key of the account."""
        return str(self.who.user_id)


def install(app: Flask) -> None:
    """Let ``current_user`` be found from the cookie, once per request and only when somebody asks."""
    manager = LoginManager()
    manager.session_protection = None  # it guards flask-login's own session, which holds nothing here
    manager.request_loader(_load)
    manager.unauthorized_handler(_to_login)
    app.login_manager = manager  # type: ignore[attr-defined]


@contextmanager
def visiting(app: Flask, user_id: UUID) -> Iterator[None]:
    """For the checker of promises: who looks meanwhile, in this process, is this person, without a session row."""
    at = time.now()
    person = LoggedIn(user_id, user_id, "", "", is_platform_admin=False, last_seen_at=at, role=None)
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]
    manager.request_loader(lambda _: Account(person))
    try:
        yield
    finally:
        manager.request_loader(_load)


def raw_token() -> str:
    """The token this browser sent, or an empty text."""
    return request.cookies.get(cookies.name_of(_COOKIE), "")


def keep(response: Response, raw: str) -> Response:
    """Give the browser its token."""
    cookies.put(response, _COOKIE, raw, max_age=int(sessions.LIFETIME.total_seconds()))
    return response


def forget(response: Response) -> Response:
    """Take the token from the browser."""
    cookies.drop(response, _COOKIE)
    return response


def who() -> LoggedIn | None:
    """The person who is logged in, if anybody is."""
    account = current_user
    return account.who if account.is_authenticated else None


def user_id() -> UUID:
    """Who is logged in, behind the gate of the owner's portal."""
    person = who()
    assert person is not None  # noqa: S101  ``required`` stands before this
    return person.user_id


def required() -> Response | None:
    """A ``before_request`` for pages that need a login: goes to the login page and comes back."""
    return None if who() else _to_login()


def enter(slug: str) -> tuple[TenantView, Role]:
    """The tenant of an owner's page and the person's role in it. Somebody else's looks like none: NotFound."""
    person, tenant_id = who(), _tenant_id(slug)
    role = person and tenant_id and (person.role or sessions.role_in(tenant_id, person.user_id))
    if not role or not tenant_id:
        raise NotFound(N_("There is nothing at this address. Please check that you copied all of it."))
    return tenant.enter(tenant_id), role


def _tenant_id(slug: str) -> UUID | None:
    if database.is_open():
        return database.current_scope().tenant_id
    with database.reading_by("tenant_id_by_slug", slug) as scope:
        return scope.tenant_id


def changes(role: Role) -> None:
    """Refuse a change to those who may only look."""
    if not role.may_change:
        raise Forbidden(N_("Your role lets you look, not change. Please ask the owner."))


def decides(role: Role) -> None:
    """Refuse a decision to those who are not the owner."""
    if not role.may_decide:
        raise Forbidden(N_("Only the owner can change this."))


def safe_next(address: str) -> str | None:
    """A path of our own to go back to after the login, or None: never another site, however it is spelled."""
    parts = urlsplit(address)
    is_ours = address.startswith("/dashboard/") and not parts.scheme and not parts.netloc
    return address if is_ours and address.isprintable() and "\\" not in address else None


def _load(_request: Request) -> Account | None:
    raw = raw_token()
    if not raw:
        return None
    at = time.now()
    person = sessions.find(raw, at=at)
    if person is None:
        return None
    if at - person.last_seen_at > sessions.TOUCH_EVERY:
        database.after_reading(lambda: sessions.touch(person.session_id, at=at), reason="session touch")
    return Account(person)


def _to_login() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    answer = redirect(url_for("account.login", next=back and safe_next(back)), 303)
    assert isinstance(answer, Response)  # noqa: S101  Flask's redirect makes nothing else
    return answer
