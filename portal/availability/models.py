"""Tables of taken days. Written by ``availability.service`` alone.

A row in ``date_claim`` makes a day of a resource taken; its constraint ``date_claim_once`` is the truth about that.
"""

from peewee import BlobField, DateField, SmallIntegerField, TextField, UUIDField

from portal.db.fields import InstantField
from portal.db.model import TenantModel


class DateClaim(TenantModel):
    """One day of one resource, owned by a booking, by a blackout, or by whoever waited for it.

    With a quote it is a day that its booking does not own yet and keeps while its move is paid for.
    """

    resource_id = UUIDField()
    claimed_on = DateField()
    kind = TextField()
    booking_id = UUIDField(null=True)
    blackout_id = UUIDField(null=True)
    quote_id = UUIDField(null=True)
    waitlist_id = UUIDField(null=True)


class BlackoutDate(TenantModel):
    """Days on which the tenant does not work. Its claims are those of its days that were free."""

    resource_id = UUIDField()
    first_on = DateField()
    last_on = DateField()
    note = TextField(default="")
    created_by = UUIDField(null=True)
    created_at = InstantField()


class WaitlistEntry(TenantModel):
    """Somebody who asked for a taken date. Its claims, if it has any, are the days that are offered to it."""

    resource_id = UUIDField()
    package_id = UUIDField()
    event_on = DateField()
    days = SmallIntegerField()
    buffer_days = SmallIntegerField()
    name = TextField()
    email = TextField()
    status = TextField()
    booking_id = UUIDField(null=True)
    created_at = InstantField()
    offered_at = InstantField(null=True)
    offer_ends_at = InstantField(null=True)
    ended_at = InstantField(null=True)


class WaitlistToken(TenantModel):
    """The secret of an emailed link to an entry; only its hash."""

    entry_id = UUIDField()
    token_hash = BlobField()
    created_at = InstantField()
    expires_at = InstantField()


class ExternalBusy(TenantModel):
    """A day on which a calendar elsewhere says that the business is busy. No claim: it takes nothing that is sold."""

    connection_id = UUIDField()
    resource_id = UUIDField()
    busy_on = DateField()
