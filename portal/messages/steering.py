"""What the business does with a booking's planned messages: leave one out, send one at once, pause all, go on.

One message is one to each address of the couple. What is due and has not left is taken back like what is planned. Each
is told in the timeline.
"""

from datetime import datetime
from uuid import UUID

from portal.bookings import service
from portal.bookings.states import Actor
from portal.db import database, outbox
from portal.kernel.errors import Conflict, Stale
from portal.kernel.text import N_
from portal.messages import recalling, reminders
from portal.messages.schedule import COURSES

_GONE = N_("This message is not planned any more. Please reload the page of the booking.")
_LEAVING = N_("This message is leaving at this moment and cannot be stopped any more.")
LEFT_OUT = "left out by the business"


def skip(tenant_id: UUID, booking_id: UUID, message_id: UUID, *, user_id: UUID | None, at: datetime) -> int:
    """Leave a planned message out for good; to how many addresses it is leaving all the same.

    Raises Stale when it is not planned any more, Conflict while it leaves to all.
    """
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        due = _due(tenant_id, booking_id, message_id)
        taken_back = recalling.take_back(tenant_id, due)
        if not _mark(tenant_id, booking_id, message_id, status="skipped", failure=LEFT_OUT):
            raise Conflict(_LEAVING) if due else Stale(_GONE)
        _tell(tenant_id, booking_id, "message_skipped", user_id, at)
    return len(due) - len(taken_back)


def send_now(tenant_id: UUID, booking_id: UUID, message_id: UUID, *, user_id: UUID | None, at: datetime) -> None:
    """Send a planned message before its time. Raises Stale when it is not planned any more, Conflict while paused."""
    with database.writing(tenant_id):
        if service.lock(tenant_id, booking_id).messages_paused:
            raise Conflict(N_("The messages of this booking are paused. Resume them first."))
        if not reminders.is_switched_on():
            raise Conflict(N_("Reminders are switched off on this installation: nothing is planned or sent."))
        marked = _mark(tenant_id, booking_id, message_id, status="due", failure="")
        if not marked:
            raise Stale(_GONE)
        for each in marked:
            outbox.owe("message.send", each)
        _tell(tenant_id, booking_id, "message_sent_now", user_id, at)


def pause(tenant_id: UUID, booking_id: UUID, *, user_id: UUID | None, at: datetime) -> int:
    """Let nothing planned leave until somebody says so; how many are leaving and cannot be stopped. Twice is once."""
    with database.writing(tenant_id):
        service.lock(tenant_id, booking_id)
        due = _due(tenant_id, booking_id)
        taken_back = recalling.take_back(tenant_id, due)
        if _set_paused(tenant_id, booking_id, is_paused=True):
            _tell(tenant_id, booking_id, "messages_paused", user_id, at)
    return len(due) - len(taken_back)


def resume(tenant_id: UUID, booking_id: UUID, *, user_id: UUID | None, at: datetime) -> None:
    """Go on; what was missed by more than a day stays out. Doing it twice changes nothing."""
    with database.writing(tenant_id):
        if _set_paused(tenant_id, booking_id, is_paused=False):
            _tell(tenant_id, booking_id, "messages_resumed", user_id, at)


def _due(tenant_id: UUID, booking_id: UUID, message_id: UUID | None = None) -> list[UUID]:
    """What is due of what was planned, of all messages or of one to every address."""
    found = database.rows(
        "SELECT m.id FROM message m WHERE m.tenant_id = %s AND m.subject_id = %s AND m.kind = ANY (%s)"
        " AND m.status = 'due' AND (%s::uuid IS NULL OR EXISTS (SELECT 1 FROM message named"
        "  WHERE named.tenant_id = m.tenant_id AND named.id = %s AND (named.subject_id, named.kind, named.slot)"
        "   = (m.subject_id, m.kind, m.slot)))",
        tenant_id,
        booking_id,
        list(COURSES),
        message_id,
        message_id,
    )
    return [row.id for row in found]


def _mark(tenant_id: UUID, booking_id: UUID, message_id: UUID, *, status: str, failure: str) -> list[UUID]:
    """The message to every address, if it is still planned; why an earlier attempt failed is told beside the reason."""
    found = database.rows(
        "UPDATE message m SET status = %s, failure = concat_ws('; ', nullif(%s, ''), nullif(m.failure, ''))"
        " FROM message named"
        " WHERE named.tenant_id = %s AND named.id = %s AND named.subject_id = %s AND m.tenant_id = named.tenant_id"
        " AND (m.subject_type, m.subject_id, m.kind, m.slot)"
        "   = (named.subject_type, named.subject_id, named.kind, named.slot)"
        " AND m.status = 'planned' RETURNING m.id",
        status,
        failure,
        tenant_id,
        message_id,
        booking_id,
    )
    return [row.id for row in found]


def _set_paused(tenant_id: UUID, booking_id: UUID, *, is_paused: bool) -> bool:
    changed = database.execute(
        "UPDATE booking SET messages_paused = %s WHERE tenant_id = %s AND id = %s AND messages_paused <> %s",
        is_paused,
        tenant_id,
        booking_id,
        is_paused,
    )
    return bool(changed)


def _tell(tenant_id: UUID, booking_id: UUID, kind: str, user_id: UUID | None, at: datetime) -> None:
    service.note_event(tenant_id, booking_id, at=at, actor=Actor.OWNER, kind=kind, user_id=user_id)
