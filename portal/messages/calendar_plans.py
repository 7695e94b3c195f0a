"""What a business is told about its calendars elsewhere. Running a reaction again adds nothing."""

from datetime import datetime
from uuid import UUID


def refused(tenant_id: UUID, connection_id: UUID, *, slot: str, at: datetime) -> None:
    """No event can be written into a calendar any more."""
