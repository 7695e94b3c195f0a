"""The mails that were taken in, and the addresses that are not written to. What is checked is what Postmark checks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from portal.devtools.postmark_emulator import errors

Doc = dict[str, Any]
_MOST_METADATA, _LONGEST_NAME, _LONGEST_VALUE = 10, 20, 80
_TRACKING = {"None", "HtmlAndText", "HtmlOnly", "TextOnly"}


@dataclass
class Mails:
    """One server's. ``inactive`` holds pairs of stream and address."""

    streams: set[str] = field(default_factory=lambda: {"outbound", "broadcast"})
    taken: list[Doc] = field(default_factory=list)
    inactive: dict[tuple[str, str], str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def take(self, mail: Mapping[str, Any]) -> Doc:
        """Take a mail in. Raises ApiError."""
        stream = mail.get("MessageStream", "outbound")
        recipient = _checked(mail)
        if stream not in self.streams:
            raise errors.no_stream(stream)
        if (stream, recipient.lower()) in self.inactive:
            raise errors.inactive(recipient)
        kept = {
            **mail,
            "MessageID": str(uuid4()),
            "MessageStream": stream,
            "Recipient": recipient,
            "ReceivedAt": instant(),
        }
        self.taken.append(kept)
        return kept

    def found(self, query: Mapping[str, str]) -> list[Doc]:
        """Those of one stream that have all of the metadata and go to the recipient, the latest first.

        As Postmark does it: who names no stream asks for the default one.
        """
        stream = query.get("messagestream", "outbound")
        wanted = {name.removeprefix("metadata_"): text for name, text in query.items() if name.startswith("metadata_")}
        return [
            mail
            for mail in reversed(self.taken)
            if mail["MessageStream"] == stream
            and all(mail.get("Metadata", {}).get(name) == text for name, text in wanted.items())
            and query.get("recipient", mail["Recipient"]).lower() == mail["Recipient"].lower()
        ]

    def of(self, message_id: str) -> Doc:
        """One of them. Raises KeyError."""
        for mail in self.taken:
            if mail["MessageID"] == message_id:
                return mail
        raise KeyError(message_id)

    def suppress(self, stream: str, address: str, reason: str) -> None:
        """Write to an address no more."""
        self.inactive[stream, address.lower()] = reason

    def welcome(self, stream: str, address: str) -> Doc:
        """Take an address off the list; complaints stay on it."""
        if stream not in self.streams:
            raise errors.no_stream(stream)
        if self.inactive.get((stream, address.lower())) == "SpamComplaint":
            sentence = "You do not have the required authority to change this suppression."
            return {"EmailAddress": address, "Status": "Failed", "Message": sentence}
        self.inactive.pop((stream, address.lower()), None)
        return {"EmailAddress": address, "Status": "Deleted", "Message": None}


def instant() -> str:
    """Now, as Postmark writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "0Z")


def _checked(mail: Mapping[str, Any]) -> str:
    """Its one recipient."""
    for name in ("From", "To"):
        if "@" not in parseaddr(str(mail.get(name, "")))[1]:
            raise errors.invalid(f"'{name}' must be an address.")
    recipient = parseaddr(str(mail["To"]))[1]
    if not recipient.isascii() or " " in recipient or recipient.count("@") != 1:
        raise errors.invalid("Error parsing 'To'.")
    if not mail.get("HtmlBody") and not mail.get("TextBody"):
        raise errors.invalid("Provide either email TextBody or HtmlBody or both.")
    if mail.get("TrackLinks", "None") not in _TRACKING:
        raise errors.invalid("Unknown TrackLinks.")
    metadata = mail.get("Metadata", {})
    if len(metadata) > _MOST_METADATA or any(
        len(name) > _LONGEST_NAME or len(str(text)) > _LONGEST_VALUE for name, text in metadata.items()
    ):
        raise errors.invalid("Metadata is too long.")
    return recipient
