"""Logging in and out. A session is a row; the browser holds its token, the row only the hash.

Known and unknown addresses get the same answer after the same work. Counting tries is the caller's: it knows the
remote address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.identity import passwords
from portal.identity.models import LoginSession, SecurityEvent
from portal.identity.roles import Role
from portal.kernel import tokens
from portal.kernel.errors import Invalid
from portal.kernel.text import N_

LIFETIME = timedelta(days=14)
TOUCH_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is behind a login token, when it was last seen, and the role in the tenant that is bound."""

    session_id: UUID
    user_id: UUID
    name: str
    email: str
    is_platform_admin: bool
    last_seen_at: datetime
    role: Role | None


def log_in(email: str, password: str, *, user_agent: str, remote_address: str, at: datetime) -> str:
    """Start a session and return its raw token. Raises ``Invalid``, the same for every cause."""
    with database.reading(), platform_scope(reason="log in"):
        account = database.row(
            "SELECT id, password_hash FROM user_account WHERE email = %s AND is_active", email.strip().lower()
        )
    fits = passwords.matches(password, account.password_hash if account else None)
    with database.writing(), platform_scope(reason="log in"):
        SecurityEvent.create(
            occurred_at=at,
            kind="login" if fits else "login_refused",
            user_id=account.id if account else None,
            remote_address=remote_address,
        )
        raw = _start(account.id, user_agent, at) if fits and account else None
    if raw is None:
        raise Invalid(N_("This email and password do not belong together. Please check both."))
    return raw


def _start(user_id: UUID, user_agent: str, at: datetime) -> str:
    token = tokens.mint()
    LoginSession.create(
        user_id=user_id,
        token_hash=token.digest,
        user_agent=user_agent[:200],
        created_at=at,
        last_seen_at=at,
        expires_at=at + LIFETIME,
    )
    return token.raw


def find(raw: str, *, at: datetime) -> LoggedIn | None:
    """Who holds this token, or None when it is unknown, ended or expired."""
    if not tokens.is_well_formed(raw):
        return None
    with database.reading(), platform_scope(reason="whose login is this"):
        found = database.row(
            "SELECT s.id AS session_id, u.id AS user_id, u.name, u.email, u.is_platform_admin, s.last_seen_at, m.role"
            " FROM login_session s JOIN user_account u ON u.id = s.user_id"
            " LEFT JOIN membership m ON m.user_id = u.id AND m.tenant_id = current_tenant()"
            " WHERE s.token_hash = %s AND s.expires_at > %s AND u.is_active",
            tokens.digest(raw),
            at,
        )
    return LoggedIn(**found._asdict() | {"role": found.role and Role(found.role)}) if found else None


def role_in(tenant_id: UUID, user_id: UUID) -> Role | None:
    """The role of a person in the bound tenant, or None."""
    with database.reading(tenant_id):
        role = database.value("SELECT role FROM membership WHERE tenant_id = %s AND user_id = %s", tenant_id, user_id)
    return Role(role) if role else None


def touch(session_id: UUID, *, at: datetime) -> None:
    """Remember that the session is in use, and let it live on."""
    with database.writing(), platform_scope(reason="session touch"):
        database.execute(
            "UPDATE login_session SET last_seen_at = %s, expires_at = %s WHERE id = %s",
            at,
            at + LIFETIME,
            session_id,
        )


def log_out(raw: str) -> None:
    """End the session of a token."""
    with database.writing(), platform_scope(reason="log out"):
        database.execute("DELETE FROM login_session WHERE token_hash = %s", tokens.digest(raw))


def end_all(user_id: UUID) -> None:
    """End every session of a person; within the caller's transaction in the platform's role."""
    database.execute("DELETE FROM login_session WHERE user_id = %s", user_id)
