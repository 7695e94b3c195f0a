"""The tables of messages: which mails were or will be sent, and who wants none after the event.

Their wording is composed at delivery and not kept.
"""

from peewee import BlobField, TextField, UUIDField

from portal.db.fields import InstantField
from portal.db.model import TenantModel


class Message(TenantModel):
    """One mail to one address about one subject."""

    subject_type = TextField(default="booking")
    subject_id = UUIDField()
    kind = TextField()
    slot = TextField()
    recipient = TextField()
    audience = TextField()
    status = TextField()
    provider_message_id = TextField(default="")
    failure = TextField(default="")
    created_at = InstantField()
    sent_at = InstantField(null=True)
    due_at = InstantField(null=True)


class FollowUpStop(TenantModel):
    """An address to which a business does not write after the event any more."""

    email = TextField()
    created_at = InstantField()


class FollowUpLink(TenantModel):
    """A secret link to say so; only its hash is stored."""

    recipient = TextField()
    token_hash = BlobField()
    created_at = InstantField()
    expires_at = InstantField()
