"""The table of businesses. It belongs to the platform; a tenant sees its own row only.

Written by ``tenants.service`` alone. ``published_version`` is raised by triggers and never by code.
"""

from peewee import BigIntegerField, BooleanField, DecimalField, IntegerField, SmallIntegerField, TextField

from portal.db.fields import InstantField, JSONField
from portal.db.model import BaseModel
from portal.kernel import time


class Tenant(BaseModel):
    """One business."""

    slug = TextField(unique=True)
    name = TextField()
    tagline = TextField(default="")
    intro = TextField(default="")
    timezone = TextField()
    currency = TextField()
    locale = TextField()
    tax_mode = TextField()
    tax_label = TextField(default="")
    deposit_percent = SmallIntegerField(null=True)
    balance_due_days = SmallIntegerField(default=30)
    commission_percent = DecimalField(max_digits=5, decimal_places=2, default=0)
    stripe_account_id = TextField(null=True, unique=True)
    contact_email = TextField()
    contact_phone = TextField(default="")
    address = TextField(default="")
    terms = TextField(default="")
    hero_image = TextField(default="")
    hero_alt = TextField(default="")
    brand_color = TextField(default="#5A7C65")
    undo_minutes = IntegerField(default=60)
    courtesy_days = SmallIntegerField(default=0)
    details_cutoff_days = SmallIntegerField(default=14)
    is_active = BooleanField(default=True)
    is_listed = BooleanField(default=True)
    published_version = BigIntegerField(default=1)
    created_at = InstantField()
    cancellation_policy = JSONField()
    move_policy = JSONField()
    reminder_plan = JSONField(default=dict)
    reminder_plan_at = InstantField(default=time.now)
    free_dates_weekday = SmallIntegerField(null=True)
    free_dates_time = TextField(default="09:00")
