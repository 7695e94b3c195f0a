"""The inbox of Postmark's events: authentic ones are kept once, as hints, and answered at once.

Law: what is not authentic stores nothing. What is authentic but about no mail of ours, or of a kind that we do not
listen to, is answered and counted, and touches nothing else. A kept event is durable before the answer, and its
handling is owed in the same transaction; it holds ids and no address.
"""

from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from uuid import UUID

from portal import settings
from portal.db import counters, database, outbox
from portal.db.tenancy import platform_scope
from portal.kernel import failpoints
from portal.kernel.errors import Invalid
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.messages.delivery import postmark_events
from portal.messages.delivery.postmark_events import Told
from portal.payments.kept_events import HANDLED_BY
from portal.payments.models import WebhookEvent

PROVIDER = "postmark"
LONGEST_BODY = 1_000_000


class Receipt(StrEnum):
    """What became of an authentic event."""

    STORED = "stored"
    KNOWN = "known"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_MESSAGE = "unknown_message"


def is_authentic(password: str) -> bool:
    """Whether somebody knows one of our secrets. Without one nobody does."""
    given = password.encode("utf-8", "surrogatepass")
    # Every secret is compared, so that the time taken says nothing about which was close.
    return any([compare_digest(given, right.encode()) for right in settings.current().postmark.webhook_secrets])  # noqa: C419  as said


def receive(body: bytes, *, at: datetime) -> Receipt:
    """Take in what an authentic sender has posted. Raises Invalid when it is no event."""
    try:
        told = postmark_events.told(body)
    except ValueError as error:
        raise Invalid(N_("This is not an event of ours.")) from error
    with database.writing(), platform_scope(reason="events belong to the platform"):
        receipt = _take_in(told, at)
        if receipt in {Receipt.UNKNOWN_TYPE, Receipt.UNKNOWN_MESSAGE}:
            counters.count(f"webhook.{PROVIDER}.{receipt}", at=at)
    failpoints.reach("mail_webhook.after_store")
    return receipt


def _take_in(told: Told | None, at: datetime) -> Receipt:
    if told is None or told.what is None:
        return Receipt.UNKNOWN_TYPE
    message_id = _message(told)
    if message_id is None:
        return Receipt.UNKNOWN_MESSAGE
    is_known = database.value(
        "SELECT 1 FROM webhook_event WHERE provider = %s AND account = '' AND event_id = %s", PROVIDER, told.event_id
    )
    return Receipt.KNOWN if is_known else _store(told, message_id, at)


def _store(told: Told, message_id: UUID, at: datetime) -> Receipt:
    row_id = uuid7()
    row = {
        "id": row_id,
        "provider": PROVIDER,
        "account": "",
        "event_id": told.event_id,
        "type": told.what,
        "object_type": "message",
        "object_id": str(message_id),
        "created_at": min(told.at, at),  # an instant that is to come would outlive every correction
        "received_at": at,
    }
    if not WebhookEvent.insert(**row).on_conflict_ignore().as_rowcount().execute():
        return Receipt.KNOWN
    outbox.owe(HANDLED_BY[PROVIDER], row_id, dedupe_key=f"{HANDLED_BY[PROVIDER]}:{row_id}")
    return Receipt.STORED


def _message(told: Told) -> UUID | None:
    """The mail of ours that an event is about: it carried our id, and went to that address."""
    recipient = database.value("SELECT recipient FROM message WHERE id = %s", told.message_id)
    is_ours = recipient is not None and recipient.lower() == told.recipient.lower()
    return told.message_id if is_ours else None
