"""The messages of a business: search, filters, pages by key.

One statement for a page and one capped count, however many there are.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.bookings.listing import words_query
from portal.db import database, paging
from portal.db.paging import InstantCursor
from portal.messages.states import Audience, MessageKind, MessageStatus, Subject

# The expression of the index message_log.
_AT = "coalesce(m.sent_at, m.due_at, m.created_at)"


class Shown(StrEnum):
    """Which messages."""

    SENT = "sent"
    FAILED = "failed"
    ON_ITS_WAY = "on_its_way"
    COMING = "coming"
    SKIPPED = "skipped"


_STATUS = {
    Shown.SENT: MessageStatus.SENT,
    Shown.FAILED: MessageStatus.FAILED,
    Shown.ON_ITS_WAY: MessageStatus.DUE,
    Shown.COMING: MessageStatus.PLANNED,
    Shown.SKIPPED: MessageStatus.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. Without ``shown`` all but what is to come and what the plan has lost."""

    search: str = ""
    kind: MessageKind | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """One mail to one address. ``reference`` and ``couple`` are those of the booking that it is about, if any."""

    id: UUID
    kind: MessageKind
    subject: Subject
    recipient: str
    audience: Audience
    status: MessageStatus
    failure: str
    at: datetime
    is_delivered: bool
    is_back: bool
    reference: str | None
    couple: str | None


Cursor = InstantCursor
Page = paging.Page[ListedMessage, Cursor]


def listing(tenant_id: UUID, filters: Filters, *, after: Cursor | None = None, limit: int = 25) -> Page:
    """A page of messages: the latest first, of those to come the next first; within the caller's ``reading()``."""
    where, params = _conditions(tenant_id, filters)
    count = paging.count(f"message m WHERE {where}", *params)
    order, beyond = ("ASC", ">") if filters.shown is Shown.COMING else ("DESC", "<")
    if after is not None:
        where += f" AND ({_AT}, m.id) {beyond} (%s, %s)"
        params += [after.at, after.key]
    found = database.rows(
        f"SELECT m.id, m.kind, m.subject_type, m.recipient, m.audience, m.status, m.failure, {_AT} AS at,"
        " m.delivered_at IS NOT NULL AS is_delivered, m.bounced_id <> '' AS is_back, b.reference, b.couple"
        " FROM message m LEFT JOIN booking b"
        "  ON m.subject_type = 'booking' AND b.tenant_id = m.tenant_id AND b.id = m.subject_id"
        f" WHERE {where} ORDER BY {_AT} {order}, m.id {order} LIMIT %s",
        *params,
        limit + 1,
    )
    rows = [_view(row) for row in found]
    return paging.page(rows, limit=limit, count=count, place=lambda row: Cursor(row.at, row.id))


def _conditions(tenant_id: UUID, filters: Filters) -> tuple[str, list[object]]:
    conditions: list[tuple[str, list[object]]] = [("m.tenant_id = %s", [tenant_id])]
    if filters.shown is None:
        conditions.append(("m.status NOT IN ('planned', 'cancelled')", []))
    else:
        conditions.append(("m.status = %s", [_STATUS[filters.shown]]))
    if filters.kind is not None:
        conditions.append(("m.kind = %s", [filters.kind]))
    if search := filters.search.strip():
        found = "(m.subject_id IN (SELECT booking_ids_matching(%s)) OR lower(m.recipient) LIKE %s)"
        conditions.append((found, [words_query(search), f"{_literally(search.lower())}%"]))
    return " AND ".join(text for text, _ in conditions), [param for _, params in conditions for param in params]


def _literally(text: str) -> str:
    """A text in which nothing is a sign of LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _view(row: database.Row) -> ListedMessage:
    return ListedMessage(
        id=row.id,
        kind=MessageKind(row.kind),
        subject=Subject(row.subject_type),
        recipient=row.recipient,
        audience=Audience(row.audience),
        status=MessageStatus(row.status),
        failure=row.failure,
        at=row.at,
        is_delivered=row.is_delivered,
        is_back=row.is_back,
        reference=row.reference,
        couple=row.couple,
    )
