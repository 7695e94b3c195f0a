"""The base of all tables. Models describe rows and are written by their slice's service alone."""

from peewee import Model, UUIDField

from portal.db.database import db
from portal.kernel.ids import uuid7


class BaseModel(Model):
    """A table in the one database; its key is a time-ordered UUID."""

    id = UUIDField(primary_key=True, default=uuid7)

    class Meta:
        database = db
        legacy_table_names = False


class TenantModel(BaseModel):
    """A table of a tenant: forced row-level security stands behind it."""

    tenant_id = UUIDField()
