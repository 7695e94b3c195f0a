"""The tables of messages: which mails were or will be sent, what the business hears of, and who
wants none after the event.

Their wording is composed at delivery and not kept.
"""

from peewee import BlobField, BooleanField, DateField, TextField, UUIDField

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
    about_on = DateField(null=True)
    delivered_at = InstantField(null=True)
    bounced_at = InstantField(null=True)
    bounced_id = TextField(default="")


class Notice(TenantModel):
    """Something that the business should hear of, and how it wanted to."""

    booking_id = UUIDField()
    kind = TextField()
    slot = TextField()
    way = TextField()
    created_at = InstantField()
    summary_id = UUIDField(null=True)


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


class StoppedAddress(TenantModel):
    """An address that came back; whether it is written to again, its two instants say."""

    email = TextField()
    reason = TextField()
    stopped_at = InstantField()
    ended_at = InstantField(null=True)
    ended_by = UUIDField(null=True)
    is_stopped = BooleanField()
