"""Tables of this slice. Rows are only ever added; triggers refuse to change what was issued.

Beside an issued document only what happened to it afterwards is written: sent, seen, printed in vain.
"""

from peewee import BlobField, DateField, IntegerField, SmallIntegerField, TextField, UUIDField

from portal.db.fields import CentsField, InstantField, JSONField, SearchField
from portal.db.model import TenantModel


class InvoiceSeries(TenantModel):
    """Where the numbers of a kind of document stand in a year."""

    kind = TextField()
    year = SmallIntegerField()
    next_sequence = IntegerField()
    last_issued_on = DateField()


class Invoice(TenantModel):
    """An issued document: its number and everything that is printed on it."""

    booking_id = UUIDField()
    kind = TextField()
    year = SmallIntegerField()
    sequence = IntegerField()
    invoice_number = TextField()
    issued_on = DateField()
    issued_at = InstantField()
    customer_name = TextField()
    currency = TextField()
    net_cents = CentsField()
    tax_cents = CentsField()
    total_cents = CentsField()
    document = JSONField()
    document_sha256 = BlobField()
    refers_to_id = UUIDField(null=True)
    payment_id = UUIDField(null=True)
    refund_request_id = UUIDField(null=True)
    sent_at = InstantField(null=True)
    viewed_at = InstantField(null=True)
    render_attempts = IntegerField(default=0)
    render_failure = TextField(default="")
    render_failed_at = InstantField(null=True)
    search = SearchField(null=True)


class InvoiceFile(TenantModel):
    """The bytes that everybody gets, made once."""

    invoice_id = UUIDField()
    format = TextField()
    content = BlobField()
    sha256 = BlobField()
    created_at = InstantField()
