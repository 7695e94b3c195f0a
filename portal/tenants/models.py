"""The table of businesses, which belongs to the platform (a tenant sees its own row only), and who each is on invoices.

``tenant`` is written by ``tenants.service`` alone, the other two by ``tenants.invoicing``. ``published_version`` is
raised by triggers and never by code.
"""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    DecimalField,
    IntegerField,
    SmallIntegerField,
    TextField,
    UUIDField,
)

from portal.db.fields import InstantField, JSONField
from portal.db.model import BaseModel, TenantModel
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
    notice_plan = JSONField(default=dict)
    notice_time = TextField(default="08:00")


class InvoiceLogo(TenantModel):
    """A logo as a PNG of our own making; documents point at it by its hash, so no row is ever changed."""

    sha256 = BlobField()
    content = BlobField()
    width = IntegerField()
    height = IntegerField()
    created_at = InstantField()


class InvoiceSettings(TenantModel):
    """Who a business is on its documents, and when it issues them; empty texts mean what its own row says."""

    legal_name = TextField(default="")
    address = TextField(default="")
    country = TextField(default="")
    tax_number = TextField(default="")
    registration = TextField(default="")
    exemption = TextField(default="")
    prefix = TextField(default="")
    terms = TextField(default="")
    notes = TextField(default="")
    issue_when = TextField(default="confirmed")
    paper = TextField(default="")
    logo_id = UUIDField(null=True)
    changed_at = InstantField()
