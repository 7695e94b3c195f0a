"""What was written to whom about a booking, for the owner's page. The wording is composed at delivery and not kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.messages.states import Audience, MessageKind, MessageStatus


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One mail to one address."""

    id: UUID
    kind: MessageKind
    recipient: str
    audience: Audience
    status: MessageStatus
    failure: str
    created_at: datetime
    sent_at: datetime | None


def of_booking(tenant_id: UUID, booking_id: UUID) -> list[LoggedMessage]:
    """The messages about a booking, newest first."""
    found = database.rows(
        "SELECT id, kind, recipient, audience, status, failure, created_at, sent_at FROM message"
        " WHERE tenant_id = %s AND subject_id = %s ORDER BY created_at DESC, id DESC LIMIT 100",
        tenant_id,
        booking_id,
    )
    return [
        LoggedMessage(
            row.id, MessageKind(row.kind), row.recipient, Audience(row.audience), MessageStatus(row.status), *row[5:]
        )
        for row in found
    ]
