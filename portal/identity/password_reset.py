"""Forgotten passwords: a single-use link that lives an hour. A new password ends every session.

Asking does the same work for a known and an unknown address: one effect is owed either way, and the worker finds
out whether there is anybody to write to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.db import database, outbox
from portal.db.tenancy import platform_scope
from portal.identity import passwords, sessions
from portal.identity.models import AccountToken, SecurityEvent
from portal.kernel import tokens
from portal.kernel.errors import Gone
from portal.kernel.ids import uuid7
from portal.kernel.text import N_

LIFETIME = timedelta(hours=1)
PURPOSE = "password_reset"


@dataclass(frozen=True, slots=True)
class ResetMail:
    """What the worker needs to write the mail; the raw token exists only from here to the mail."""

    email: str
    name: str
    raw_token: str


def request_reset(email: str, *, remote_address: str, at: datetime) -> None:
    """Owe a mail to whoever has this address, if anybody does."""
    with database.writing(), platform_scope(reason="password reset asked for"):
        user_id = database.value("SELECT id FROM user_account WHERE email = %s AND is_active", email.strip().lower())
        SecurityEvent.create(occurred_at=at, kind="reset_requested", user_id=user_id, remote_address=remote_address)
        outbox.owe("account.reset_mail", user_id or uuid7())


def mint_for_mail(user_id: UUID, *, at: datetime) -> ResetMail | None:
    """A fresh link for the mail that is about to be sent; None when there is no such account."""
    with database.writing(), platform_scope(reason="password reset mail"):
        account = database.row("SELECT email, name FROM user_account WHERE id = %s AND is_active", user_id)
        if account is None:
            return None
        token = tokens.mint()
        AccountToken.create(
            user_id=user_id, purpose=PURPOSE, token_hash=token.digest, created_at=at, expires_at=at + LIFETIME
        )
        return ResetMail(account.email, account.name, token.raw)


def is_usable(raw: str, *, at: datetime) -> bool:
    """Whether a link still works; looking does not use it."""
    if not tokens.is_well_formed(raw):
        return False
    with database.reading(), platform_scope(reason="password reset link opened"):
        found = database.value(f"SELECT 1 FROM account_token WHERE {_USABLE}", tokens.digest(raw), PURPOSE, at)
    return found is not None


def reset_password(raw: str, new_password: str, *, remote_address: str, at: datetime) -> str:
    """Use the link: set the password, end all sessions and all other links; whose it was, by email address.

    Raises ``Gone`` or ``Invalid``.
    """
    if not is_usable(raw, at=at):  # before the hash, which costs more than everything else here together
        raise Gone(N_("This link is used up. Ask for a new one."))
    password_hash = passwords.hash_password(new_password)
    with database.writing(), platform_scope(reason="password reset"):
        user_id = database.value(
            f"UPDATE account_token SET used_at = %s WHERE {_USABLE} RETURNING user_id",
            at,
            tokens.digest(raw),
            PURPOSE,
            at,
        )
        if user_id is None:  # somebody used it a moment ago
            raise Gone(N_("This link is used up. Ask for a new one."))
        email = database.value(
            "UPDATE user_account SET password_hash = %s WHERE id = %s RETURNING email", password_hash, user_id
        )
        database.execute("UPDATE account_token SET used_at = %s WHERE user_id = %s AND used_at IS NULL", at, user_id)
        sessions.end_all(user_id)
        SecurityEvent.create(occurred_at=at, kind="password_reset", user_id=user_id, remote_address=remote_address)
    return str(email)


_USABLE = "token_hash = %s AND purpose = %s AND used_at IS NULL AND expires_at > %s"
