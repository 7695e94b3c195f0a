"""What was written to whom about a booking and what is going to be, for the owner's page; one statement.

The wording is composed at delivery and not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
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


@dataclass(frozen=True, slots=True)
class Log:
    """What is planned, soonest first, and everything else, newest first, but what the plan has lost."""

    coming: list[Coming]
    messages: list[LoggedMessage]


def of_booking(tenant_id: UUID, booking_id: UUID) -> Log:
    """The messages about a booking."""
    found = database.rows(
        "SELECT id, kind, slot, recipient, audience, status, failure, coalesce(due_at, created_at) AS at, sent_at"
        " FROM message WHERE tenant_id = %s AND subject_id = %s AND status <> 'cancelled'"
        " ORDER BY status = 'planned' DESC, coalesce(sent_at, due_at, created_at) DESC, id DESC LIMIT %s",
        tenant_id,
        booking_id,
        _MOST,
    )
    planned = [row for row in found if row.status == MessageStatus.PLANNED]
    return Log(_coming(reversed(planned)), [_logged(row) for row in found if row.status != MessageStatus.PLANNED])


def _coming(rows: Iterable[database.Row]) -> list[Coming]:
    """One entry for what goes to several addresses."""
    grouped: dict[tuple[str, str], list[database.Row]] = {}
    for row in rows:
        grouped.setdefault((row.kind, row.slot), []).append(row)
    return [
        Coming(each[0].id, MessageKind(each[0].kind), each[0].at, sorted(row.recipient for row in each))
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
