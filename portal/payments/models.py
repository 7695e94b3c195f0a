"""Tables of this slice, written by its services alone; pages read through ``queries``.

``ledger_entry`` is append-only: the application's role may neither change nor delete its rows.
"""

from peewee import DateField, SmallIntegerField, TextField, UUIDField

from portal.db.fields import CentsField, InstantField, JSONField
from portal.db.model import BaseModel, TenantModel


class BookingPaymentStage(TenantModel):
    """One part of a booking's price and the day it is due. With a quote it is owed only once that change is done."""

    booking_id = UUIDField()
    quote_id = UUIDField(null=True)
    stage_number = SmallIntegerField()
    type = TextField()
    amount_cents = CentsField()
    currency = TextField()
    due_on = DateField()
    status = TextField()


class Checkout(TenantModel):
    """One attempt to pay one or more stages, committed before Stripe is called."""

    booking_id = UUIDField()
    purpose = TextField()
    attempt = SmallIntegerField()
    status = TextField()
    amount_cents = CentsField()
    currency = TextField()
    application_fee_cents = CentsField(default=0)
    idempotency_key = TextField()
    parameters = JSONField()
    stripe_account_id = TextField(null=True)
    stripe_checkout_session_id = TextField(null=True)
    url = TextField(default="")
    payer_label = TextField(default="")
    last_error = TextField(default="")
    expires_at = InstantField()
    created_at = InstantField()
    changed_at = InstantField()


class CheckoutStage(TenantModel):
    """A stage that a checkout pays, with the amount it was sold at."""

    checkout_id = UUIDField()
    stage_id = UUIDField()
    amount_cents = CentsField()


class Payment(TenantModel):
    """Money that was captured at Stripe, whatever became of it afterwards."""

    booking_id = UUIDField()
    checkout_id = UUIDField()
    stripe_account_id = TextField(null=True)
    stripe_payment_intent_id = TextField()
    stripe_charge_id = TextField(null=True)
    amount_cents = CentsField()
    currency = TextField()
    card_brand = TextField(default="")
    card_last4 = TextField(default="")
    captured_at = InstantField()


class PaymentAllocation(TenantModel):
    """The part of a payment that paid a stage; money that is given back has none."""

    payment_id = UUIDField()
    stage_id = UUIDField()
    amount_cents = CentsField()


class RefundRequest(TenantModel):
    """Money that is to go back: committed before Stripe is asked. A retry is a new row."""

    booking_id = UUIDField()
    payment_id = UUIDField()
    retry_of_id = UUIDField(null=True)
    quote_id = UUIDField(null=True)
    amount_cents = CentsField()
    currency = TextField()
    status = TextField()
    reason = TextField()
    idempotency_key = TextField()
    stripe_refund_id = TextField(null=True)
    failure = TextField(default="")
    note = TextField(default="")
    requested_at = InstantField()
    changed_at = InstantField()


class LedgerEntry(TenantModel):
    """A signed amount; a correction is an opposite row."""

    booking_id = UUIDField()
    payment_id = UUIDField(null=True)
    refund_request_id = UUIDField(null=True)
    kind = TextField()
    amount_cents = CentsField()
    currency = TextField()
    provider_id = TextField()
    occurred_at = InstantField()


class WebhookEvent(BaseModel):
    """An authentic event, kept as a hint. Belongs to the platform, not to a tenant."""

    provider = TextField()
    account = TextField(default="")
    event_id = TextField()
    type = TextField()
    object_type = TextField(default="")
    object_id = TextField(default="")
    status = TextField(default="pending")
    last_error = TextField(default="")
    created_at = InstantField()
    received_at = InstantField()
    processed_at = InstantField(null=True)
