"""What was written to whom about a booking and what is going to be, for the owner's page; one statement.

The wording is composed at delivery and not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.messages.schedule import COURSES
from portal.messages.states import Audience, MessageKind, MessageStatus

_MOST = 150


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


@dataclass(frozen=True, slots=True)
class Coming:
    """One planned message and everybody who gets it; ``id`` is that of the first one's row."""

    id: UUID
    kind: MessageKind
    due_at: datetime
    recipients: list[str]
    is_due: bool  # its time has come, and nobody has begun to send it
    failure: str


@dataclass(frozen=True, slots=True)
class Log:
    """What is planned, soonest first, and everything else, newest first, but what the plan has lost."""

    coming: list[Coming]
    messages: list[LoggedMessage]


def of_booking(tenant_id: UUID, booking_id: UUID) -> Log:
    """The messages about a booking."""
    found = database.rows(
        "SELECT id, kind, slot, recipient, audience, status, failure, coalesce(due_at, created_at) AS at, sent_at,"
        " status = 'planned' OR (status = 'due' AND kind = ANY (%s) AND EXISTS (SELECT 1 FROM outbox o"
        "  WHERE o.kind = 'message.send' AND o.subject_id = message.id AND o.status = 'due')) AS is_coming"
        " FROM message WHERE tenant_id = %s AND subject_id = %s AND status <> 'cancelled'"
        " ORDER BY is_coming DESC, coalesce(sent_at, due_at, created_at) DESC, id DESC LIMIT %s",
        list(COURSES),
        tenant_id,
        booking_id,
        _MOST,
    )
    coming = [row for row in found if row.is_coming]
    return Log(_coming(reversed(coming)), [_logged(row) for row in found if not row.is_coming])


def _coming(rows: Iterable[database.Row]) -> list[Coming]:
    """One entry for what goes to several addresses."""
    grouped: dict[tuple[str, str], list[database.Row]] = {}
    for row in rows:
        grouped.setdefault((row.kind, row.slot), []).append(row)
    return [
        Coming(
            each[0].id,
            MessageKind(each[0].kind),
            each[0].at,
            sorted(row.recipient for row in each),
            any(row.status == MessageStatus.DUE for row in each),
            next((row.failure for row in each if row.failure), ""),
        )
        for each in grouped.values()
    ]


def _logged(row: database.Row) -> LoggedMessage:
    return LoggedMessage(
        row.id,
        MessageKind(row.kind),
        row.recipient,
        Audience(row.audience),
        MessageStatus(row.status),
        row.failure,
        row.at,
        row.sent_at,
    )
