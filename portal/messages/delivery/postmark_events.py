"""What Postmark posts to a webhook, in our words; pure. https://postmarkapp.com/developer/webhooks/webhooks-overview

An event has no id of its own, so it gets one of what makes it this event: a repeat has the same.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.messages.delivery.postmark import METADATA

_PROVIDER_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LONGEST_ADDRESS = 320


class What(StrEnum):
    """What became of a mail."""

    DELIVERED = "delivered"
    OPENED = "opened"
    RETURNED = "returned"  # it did not arrive; another one may
    BOUNCED = "bounced"  # none will
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    RESUMED = "resumed"  # Postmark writes to the address again


# https://postmarkapp.com/developer/api/bounce-api#bounce-types; the others say nothing of whether it arrived.
_BOUNCED = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"}
_RETURNED = {
    "SoftBounce",
    "DnsError",
    "Blocked",
    "SpamNotification",
    "VirusNotification",
    "Unknown",
    "DMARCPolicy",
    "SMTPApiError",
    "TemplateRenderingFailed",
}
_SUPPRESSED = {
    "HardBounce": What.BOUNCED,
    "SpamComplaint": What.COMPLAINED,
    "ManualSuppression": What.UNSUBSCRIBED,
}
_ALWAYS = {"Delivery": What.DELIVERED, "Open": What.OPENED, "SpamComplaint": What.COMPLAINED}
# By kind of event: what says to whom, and when.
_FIELDS = {
    "Delivery": ("Recipient", "DeliveredAt"),
    "Open": ("Recipient", "ReceivedAt"),
    "Bounce": ("Email", "BouncedAt"),
    "SpamComplaint": ("Email", "BouncedAt"),
    "SubscriptionChange": ("Recipient", "ChangedAt"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event. ``message_id`` is ours, ``provider_id`` that of the copy; ``what`` is nothing for what we ignore."""

    event_id: str
    what: What | None
    message_id: UUID | None
    provider_id: str
    recipient: str
    at: datetime


def told(body: bytes) -> Told | None:
    """The event in a body; None for one of a kind that we do not know. Raises ValueError when it is none at all."""
    try:
        event = json.loads(body.decode())
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(event, dict):
        raise ValueError("an event is an object")  # noqa: TRY004  the body is wrong, not our code
    kind = _text(event, "RecordType")
    if kind not in _FIELDS:
        return None
    name_of_recipient, name_of_instant = _FIELDS[kind]
    provider_id, recipient = _text(event, "MessageID"), _text(event, name_of_recipient)
    if not _PROVIDER_ID.fullmatch(provider_id) or not 0 < len(recipient) <= _LONGEST_ADDRESS:
        raise ValueError("an event names a mail and its recipient")
    at = _instant(_text(event, name_of_instant))
    what = _what(kind, event)
    named = "\n".join([kind, str(what), str(event.get("ID")), provider_id, recipient, at.isoformat()])
    digest = hashlib.sha256(named.encode()).hexdigest()
    return Told(f"{provider_id}:{digest[:32]}", what, _ours(event), provider_id, recipient, at)


def _what(kind: str, event: Mapping[str, Any]) -> What | None:
    if kind == "SubscriptionChange":
        is_stop = event.get("SuppressSending") is True
        return _SUPPRESSED.get(_text(event, "SuppressionReason")) if is_stop else What.RESUMED
    if kind == "Bounce":
        return _of_bounce(_text(event, "Type"), is_inactive=event.get("Inactive") is True)
    return _ALWAYS[kind]


def _of_bounce(named: str, *, is_inactive: bool) -> What | None:
    if named == "SpamComplaint":
        return What.COMPLAINED
    if named in _BOUNCED or is_inactive:
        return What.BOUNCED
    return What.RETURNED if named in _RETURNED else None


def _ours(event: Mapping[str, Any]) -> UUID | None:
    metadata = event.get("Metadata")
    named = metadata.get(METADATA) if isinstance(metadata, dict) else None
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    if not isinstance(value, str):
        msg = f"{name} is a text"
        raise ValueError(msg)  # noqa: TRY004  the body is wrong, not our code
    return value


def _instant(text: str) -> datetime:
    """Postmark writes seven decimals, and an offset or none."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no instant") from error
