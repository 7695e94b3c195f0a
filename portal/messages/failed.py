"""Mails that failed: who they were for, and once more, please. What they say is read again when they leave."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.bookings import queries
from portal.db import database, outbox, outbox_desk
from portal.db.tenancy import platform_scope
from portal.kernel.errors import Conflict, NotFound
from portal.kernel.text import N_
from portal.lifecycle import address
from portal.messages import stopped

STOPPED = N_("Emails to %(address)s come back. Correct the address first, or say that it works again.")
_REASON = "the failed messages of all tenants"


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """One mail that is not tried again by itself. ``about`` is the booking's reference, if it is about one."""

    id: UUID
    tenant: str
    kind: str
    about: str | None
    recipient: str
    failure: str
    created_at: datetime


def listed(*, limit: int = 100) -> list[FailedMessage]:
    """Of every tenant, the latest first."""
    with database.reading(), platform_scope(reason=_REASON):
        found = database.rows(
            "SELECT m.id, t.slug, m.kind, b.reference, m.recipient, m.failure, m.created_at FROM message m"
            " JOIN tenant t ON t.id = m.tenant_id"
            " LEFT JOIN booking b ON b.tenant_id = m.tenant_id AND b.id = m.subject_id"
            " WHERE m.status = 'failed' ORDER BY m.created_at DESC, m.id LIMIT %s",
            limit,
        )
    return [FailedMessage(*row) for row in found]


def retry(tenant_id: UUID, subject_id: UUID, message_id: UUID, *, at: datetime) -> None:
    """Make a failed message of this subject due now. Raises NotFound, and Conflict when it has not failed.

    What goes to an address that is written to no more is a Conflict as well. Its failure stays on the row until it
    leaves, so that the channel is asked first whether it did after all. An effect that has died with it comes to life
    again: there is one for each message.
    """
    with database.writing(tenant_id):
        recipient = database.value(
            "SELECT recipient FROM message WHERE tenant_id = %s AND subject_id = %s AND id = %s FOR UPDATE",
            tenant_id,
            subject_id,
            message_id,
        )
        if recipient is None:
            raise NotFound(N_("There is no such message."))
        if stopped.is_stopped(tenant_id, recipient) and _is_current(tenant_id, subject_id, recipient):
            raise Conflict(STOPPED, address=recipient)
        if not database.execute(
            "UPDATE message SET status = 'due' WHERE tenant_id = %s AND id = %s AND status = 'failed'",
            tenant_id,
            message_id,
        ):
            raise Conflict(N_("This message has not failed, or is being sent once more already."))
        if not outbox_desk.revive("message.send", message_id, at=at):
            outbox.owe("message.send", message_id)


def retry_one(tenant_id: UUID, message_id: UUID, *, at: datetime) -> None:
    """The same for a message about whatever it is about."""
    with database.reading(tenant_id):
        subject_id = database.value(
            "SELECT subject_id FROM message WHERE tenant_id = %s AND id = %s", tenant_id, message_id
        )
    if subject_id is None:
        raise NotFound(N_("There is no such message."))
    retry(tenant_id, subject_id, message_id, at=at)


def _is_current(tenant_id: UUID, subject_id: UUID, recipient: str) -> bool:
    """Whether it would go to the same address again: a couple may have another one by now."""
    try:
        booking = queries.by_id(tenant_id, subject_id)
    except NotFound:  # it is about no booking
        return True
    return address.follow(booking, recipient) in {None, recipient}


def retry_any(message_id: UUID, *, at: datetime) -> None:
    """The same for a message of whatever tenant."""
    with database.reading(), platform_scope(reason=_REASON):
        row = database.row("SELECT tenant_id, subject_id FROM message WHERE id = %s", message_id)
    if row is None:
        raise NotFound(N_("There is no such message."))
    retry(row.tenant_id, row.subject_id, message_id, at=at)
