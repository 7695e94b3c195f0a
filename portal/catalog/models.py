"""Tables of what is sold, written by ``catalog.service`` alone. Bookings copy what they need: no price is read back."""

from peewee import BooleanField, DecimalField, IntegerField, SmallIntegerField, TextField, UUIDField

from portal.db.fields import CentsField, JSONField
from portal.db.model import TenantModel


class Resource(TenantModel):
    """Something whose days are sold once each: the photographer's calendar, one hall of a venue."""

    name = TextField()
    position = SmallIntegerField(default=0)


class Package(TenantModel):
    """What a couple books. ``included`` holds one line per item."""

    resource_id = UUIDField()
    slug = TextField()
    name = TextField()
    summary = TextField(default="")
    description = TextField(default="")
    included = TextField(default="")
    base_price_cents = CentsField()
    tax_rate_bp = DecimalField(max_digits=7, decimal_places=2, default=0)
    days = SmallIntegerField(default=1)
    buffer_days = SmallIntegerField(default=0)
    max_guests = IntegerField(null=True)
    position = SmallIntegerField(default=0)
    is_active = BooleanField(default=True)
    cancellation_policy = JSONField(null=True)
    move_policy = JSONField(null=True)


class AddOn(TenantModel):
    """Something that can be booked beside a package."""

    name = TextField()
    description = TextField(default="")
    price_cents = CentsField()
    tax_rate_bp = DecimalField(max_digits=7, decimal_places=2, default=0)
    max_quantity = SmallIntegerField(default=1)
    position = SmallIntegerField(default=0)
    is_active = BooleanField(default=True)


class PackageAddOn(TenantModel):
    """Which add-ons are offered with which package."""

    package_id = UUIDField()
    add_on_id = UUIDField()


class Photo(TenantModel):
    """A picture of a package; the first by position stands for it. ``src`` is a path below ``/static``."""

    package_id = UUIDField()
    src = TextField()
    alt = TextField()
    width = IntegerField()
    height = IntegerField()
    position = SmallIntegerField(default=0)
