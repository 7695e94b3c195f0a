"""Tables of people. All but ``membership`` belong to the platform and are reached in its role."""

from peewee import BlobField, BooleanField, TextField, UUIDField

from portal.db.fields import InstantField, JSONField
from portal.db.model import BaseModel, TenantModel


class UserAccount(BaseModel):
    """A person who can log in."""

    email = TextField(unique=True)
    name = TextField()
    password_hash = TextField()
    is_platform_admin = BooleanField(default=False)
    is_active = BooleanField(default=True)
    created_at = InstantField()


class Membership(TenantModel):
    """A person's role in one tenant."""

    user_id = UUIDField()
    role = TextField()
    created_at = InstantField()


class LoginSession(BaseModel):
    """One browser that is logged in; only the hash of its token is kept."""

    user_id = UUIDField()
    token_hash = BlobField(unique=True)
    user_agent = TextField(default="")
    created_at = InstantField()
    last_seen_at = InstantField()
    expires_at = InstantField()


class AccountToken(BaseModel):
    """A single-use link in a mail to an account."""

    user_id = UUIDField()
    purpose = TextField()
    token_hash = BlobField(unique=True)
    created_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)


class SecurityEvent(BaseModel):
    """The security log: logins, refusals, resets. Rows are only added."""

    occurred_at = InstantField()
    kind = TextField()
    user_id = UUIDField(null=True)
    remote_address = TextField(default="")
    details = JSONField(default=dict)
