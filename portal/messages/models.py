"""The table of messages: which mails were or will be sent. Their wording is composed at delivery and not kept."""

from peewee import TextField, UUIDField

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
