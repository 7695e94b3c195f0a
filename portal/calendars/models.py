"""Tables of calendars elsewhere: feeds that they read, and connections from which we read.

The busy days that come of a connection are ``availability``'s.
"""

from peewee import BlobField, BooleanField, DateField, IntegerField, SmallIntegerField, TextField, UUIDField

from portal.db.fields import InstantField
from portal.db.model import TenantModel


class CalendarFeed(TenantModel):
    """An address at which a calendar reads the bookings of the business, or of one resource."""

    resource_id = UUIDField(null=True)
    token_hash = BlobField()
    made_by = UUIDField(null=True)
    made_at = InstantField()


class CalendarConnection(TenantModel):
    """A calendar elsewhere whose entries block days here."""

    resource_id = UUIDField()
    kind = TextField()
    name = TextField()
    secret = TextField()
    fingerprint = BlobField()
    host = TextField(default="")
    calendar_id = TextField(default="")
    client_email = TextField(default="")
    may_write = BooleanField(null=True)
    is_whole_days_only = BooleanField()
    has_bookings = BooleanField(default=False)
    created_by = UUIDField(null=True)
    created_at = InstantField()
    next_check_at = InstantField(null=True)
    asked_at = InstantField(null=True)
    checked_at = InstantField(null=True)
    read_at = InstantField(null=True)
    entries = IntegerField(default=0)
    left_out = IntegerField(default=0)
    failure = TextField(default="")
    failures = SmallIntegerField(default=0)
    ended_at = InstantField(null=True)
    compared_at = InstantField(null=True)
    next_compare_at = InstantField(null=True)
    refusal = TextField(default="")
    refused_at = InstantField(null=True)


class CalendarEvent(TenantModel):
    """The event of a booking in a connected calendar, and who is at it."""

    connection_id = UUIDField()
    booking_id = UUIDField()
    told = TextField(null=True, default="")
    first_on = DateField(null=True)
    last_on = DateField(null=True)
    next_first_on = DateField(null=True)
    next_last_on = DateField(null=True)
    lease = UUIDField(null=True)
    leased_for = UUIDField(null=True)
    leased_until = InstantField(null=True)
    unsure_at = InstantField(null=True)
