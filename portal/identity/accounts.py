"""Accounts and their memberships, made by the platform or by ``flask user create``."""

from datetime import datetime
from uuid import UUID

from peewee import IntegrityError

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.identity import passwords
from portal.identity.models import Membership, UserAccount
from portal.identity.roles import Role
from portal.kernel.errors import Conflict
from portal.kernel.text import N_, clean_line

LONGEST_ADDRESS = 254


def create_user(*, email: str, name: str, password: str, at: datetime, is_platform_admin: bool = False) -> UUID:
    """A new account. Raises ``Invalid`` for a bad password, ``Conflict`` when the address has one already."""
    password_hash = passwords.hash_password(password)
    with database.writing(), platform_scope(reason="new account"):
        try:
            account = UserAccount.create(
                email=clean_line(email, most=LONGEST_ADDRESS).lower(),
                name=clean_line(name, most=120),
                password_hash=password_hash,
                is_platform_admin=is_platform_admin,
                created_at=at,
            )
        except IntegrityError as error:
            if database.constraint_of(error) != "user_account_email_once":
                raise
            raise Conflict(N_("There is already an account with this email address.")) from error
        return UUID(str(account.id))


def add_member(tenant_id: UUID, *, user_id: UUID, role: Role, at: datetime) -> None:
    """Give a person a role in a tenant, or change the one they have."""
    with database.writing(tenant_id):
        Membership.insert(tenant_id=tenant_id, user_id=user_id, role=role.value, created_at=at).on_conflict(
            conflict_target=[Membership.tenant_id, Membership.user_id], update={Membership.role: role.value}
        ).execute()


def address_of_member(tenant_id: UUID, user_id: UUID) -> str | None:
    """Where somebody who works for a business reads mail; None when they do not, or not any more."""
    with database.reading(), platform_scope(reason="a member's address"):
        found: str | None = database.value(
            "SELECT u.email FROM membership m JOIN user_account u ON u.id = m.user_id"
            " WHERE m.tenant_id = %s AND m.user_id = %s AND u.is_active",
            tenant_id,
            user_id,
        )
    return found


def user_id_by_email(email: str) -> UUID | None:
    """The account of an address."""
    with database.reading(), platform_scope(reason="account by email"):
        found: UUID | None = database.value("SELECT id FROM user_account WHERE email = %s", email.strip().lower())
    return found


def tenants_of(user_id: UUID) -> list[tuple[str, str]]:
    """Slug and name of each active tenant a person belongs to, oldest membership first."""
    with database.reading(), platform_scope(reason="a person's tenants"):
        return [
            (found.slug, found.name)
            for found in database.rows(
                "SELECT t.slug, t.name FROM membership m JOIN tenant t ON t.id = m.tenant_id"
                " WHERE m.user_id = %s AND t.is_active ORDER BY m.created_at, t.slug",
                user_id,
            )
        ]


def slug_for(user_id: UUID, tenant_id: UUID) -> str | None:
    """The slug of an active tenant, if the person belongs to it."""
    with database.reading(), platform_scope(reason="a person's tenants"):
        found: str | None = database.value(
            "SELECT t.slug FROM membership m JOIN tenant t ON t.id = m.tenant_id"
            " WHERE m.user_id = %s AND m.tenant_id = %s AND t.is_active",
            user_id,
            tenant_id,
        )
    return found
