"""Owing messages and recording what became of them. Only the outbox sends.

A message is unique by subject, kind, slot and recipient, so that an effect that runs twice owes it once.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal.db import database, outbox
from portal.kernel.ids import uuid7
from portal.messages.models import Message
from portal.messages.states import Audience, MessageKind, MessageStatus, subject_of


class Addressed(NamedTuple):
    """Who gets a message."""

    recipient: str
    audience: Audience


def owe(
    tenant_id: UUID, subject_id: UUID, kind: MessageKind, *, slot: str, to: Iterable[Addressed], at: datetime
) -> list[UUID]:
    """Owe one message to each address; the ids of those that were not owed before.

    ``subject_id`` is a booking's, or whatever else mails of this kind are about.
    """
    owed = []
    with database.writing(tenant_id):
        for each in to:
            message_id = _insert(tenant_id, subject_id, kind, slot=slot, to=each, at=at)
            if message_id is not None:
                outbox.owe("message.send", message_id)
                owed.append(message_id)
    return owed


def record_sent(tenant_id: UUID, message_id: UUID, *, provider_message_id: str, at: datetime) -> None:
    """It left; of a copy that has come back by now we have heard already."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE message SET sent_at = %s, provider_message_id = %s,"
            "  status = CASE bounced_id WHEN %s THEN 'failed' ELSE 'sent' END,"
            "  failure = CASE bounced_id WHEN %s THEN failure ELSE '' END"
            " WHERE tenant_id = %s AND id = %s AND status IN ('due', 'failed')",
            at,
            provider_message_id,
            provider_message_id,
            provider_message_id,
            tenant_id,
            message_id,
        )


def record_skipped(tenant_id: UUID, message_id: UUID, *, reason: str) -> None:
    """What it would say is no longer so."""
    _end(tenant_id, message_id, MessageStatus.SKIPPED, reason)


def record_failed(tenant_id: UUID, message_id: UUID, *, failure: str) -> None:
    """It will not be tried again by itself; the business may hear of it."""
    with database.writing(tenant_id):
        _end(tenant_id, message_id, MessageStatus.FAILED, failure)
        outbox.owe("message.failed", message_id)


def note_failure(tenant_id: UUID, message_id: UUID, *, failure: str) -> None:
    """An attempt failed and another one will follow; what a person may see meanwhile."""
    _end(tenant_id, message_id, MessageStatus.DUE, failure)


def readdress(tenant_id: UUID, message_id: UUID, recipient: str) -> bool:
    """It goes to another address than it was owed to; not if that one is owed the same."""
    with database.writing(tenant_id):
        return (
            database.execute(
                "UPDATE message SET recipient = %s WHERE tenant_id = %s AND id = %s AND status IN ('due', 'failed')"
                " AND NOT EXISTS (SELECT 1 FROM message twin WHERE twin.tenant_id = message.tenant_id"
                "   AND (twin.subject_type, twin.subject_id, twin.kind, twin.slot)"
                "     = (message.subject_type, message.subject_id, message.kind, message.slot)"
                "   AND twin.recipient = %s)",
                recipient,
                tenant_id,
                message_id,
                recipient,
            )
            == 1
        )


def count_recent(tenant_id: UUID, recipient: str, kind: MessageKind, *, since: datetime) -> int:
    """How many messages of a kind an address was owed lately."""
    with database.reading(tenant_id):
        return int(
            database.value(
                "SELECT count(*) FROM message WHERE tenant_id = %s AND kind = %s AND recipient = %s"
                " AND created_at > %s",
                tenant_id,
                kind,
                recipient,
                since,
            )
        )


def _insert(
    tenant_id: UUID, subject_id: UUID, kind: MessageKind, *, slot: str, to: Addressed, at: datetime
) -> UUID | None:
    message_id = uuid7()
    written = (
        Message.insert(
            id=message_id,
            tenant_id=tenant_id,
            subject_type=subject_of(kind),
            subject_id=subject_id,
            kind=kind,
            slot=slot,
            recipient=to.recipient,
            audience=to.audience,
            status=MessageStatus.DUE,
            created_at=at,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return message_id if written else None


def _end(tenant_id: UUID, message_id: UUID, status: MessageStatus, failure: str) -> None:
    with database.writing(tenant_id):
        database.execute(
            "UPDATE message SET status = %s, failure = %s"
            " WHERE tenant_id = %s AND id = %s AND status IN ('due', 'failed')",
            status,
            failure[:500],
            tenant_id,
            message_id,
        )
