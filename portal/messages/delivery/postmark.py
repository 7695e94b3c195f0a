"""Mails through Postmark's HTTP API (https://postmarkapp.com/developer/api/email-api).

Our message's id travels as metadata, so that after an answer that was lost we can look whether the mail had left.
"""

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from portal.messages.delivery.channel import AddressRefusedError, NotSentError, RefusedError, UnknownOutcomeError
from portal.messages.mail import Attachment, Mail, unsubscribe_headers

BASE = "https://api.postmarkapp.com"
_TIMEOUT = 10.0
_LONGEST_ANSWER = 1_000_000
METADATA = "message-id"
_OK, _UNPROCESSABLE = 200, 422
# 300: the address or another field is invalid; 406: the recipient is known to bounce. Waiting helps neither.
_INVALID, _INACTIVE = 300, 406


class PostmarkChannel:
    """One server of one Postmark account. Mails that can be unsubscribed from may have a stream of their own."""

    def __init__(
        self,
        token: str,
        *,
        base: str = "",
        stream: str = "outbound",
        broadcast_stream: str = "",
        timeout: float = _TIMEOUT,
    ) -> None:
        self._token, self._base, self._timeout = token, urlsplit(base or BASE), timeout
        self._stream, self._broadcast_stream = stream, broadcast_stream or stream
        self._streams = tuple(dict.fromkeys((self._stream, self._broadcast_stream)))

    def send(self, mail: Mail) -> str:
        """Hand the mail over; Postmark's MessageID."""
        status, answer = self._call("POST", "/email", self._body(mail))
        if status == _OK and answer.get("MessageID"):
            return str(answer["MessageID"])
        text = f"Postmark said {status} {answer.get('ErrorCode', '')} {answer.get('Message', '')}".strip()
        if status == _UNPROCESSABLE and answer.get("ErrorCode") == _INACTIVE:
            # Who is on the list of one stream alone may have unsubscribed, and gets all else.
            raise AddressRefusedError(text) if self._stream_of(mail) == self._stream else RefusedError(text)
        if status == _UNPROCESSABLE and answer.get("ErrorCode") == _INVALID:
            raise RefusedError(text)
        if status == _OK or status >= http.client.INTERNAL_SERVER_ERROR:  # an answer that broke off tells nothing
            raise UnknownOutcomeError(text)
        raise NotSentError(text)

    def find(self, message_id: UUID) -> str | None:
        """Whether a mail with our id left earlier, by whichever stream: Postmark looks into one at a time."""
        for stream in self._streams:
            query = f"count=1&offset=0&messagestream={quote(stream)}&metadata_{quote(METADATA)}={message_id}"
            try:
                status, answer = self._call("GET", f"/messages/outbound?{query}")
            except UnknownOutcomeError as error:
                raise NotSentError(str(error)) from error
            if status != _OK or "Messages" not in answer:
                raise NotSentError(f"Postmark could not be asked: {status}")
            if found := answer["Messages"]:
                return str(found[0]["MessageID"])
        return None

    def welcome(self, address: str) -> None:
        """Take an address off the lists of those that Postmark writes to no more.

        One that complained stays there: Postmark leaves that to itself, and refuses the next mail to it.
        """
        for stream in self._streams:
            wanted = {"Suppressions": [{"EmailAddress": address}]}
            status, _ = self._call("POST", f"/message-streams/{quote(stream, safe='')}/suppressions/delete", wanted)
            if status != _OK:
                raise NotSentError(f"Postmark could not be asked: {status}")

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> tuple[int, dict[str, Any]]:
        connection = self._connection()
        headers = {"Accept": "application/json", "X-Postmark-Server-Token": self._token}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotSentError(f"Postmark cannot be reached: {error}") from error
            try:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                response = connection.getresponse()
                return response.status, _json(response.read(_LONGEST_ANSWER))
            except (OSError, http.client.HTTPException) as error:
                raise UnknownOutcomeError(f"Postmark did not answer: {error!r}") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host = self._base.hostname or ""
        kind = http.client.HTTPSConnection if self._base.scheme == "https" else http.client.HTTPConnection
        return kind(host, self._base.port, timeout=self._timeout)

    def _stream_of(self, mail: Mail) -> str:
        return self._broadcast_stream if mail.unsubscribe_url else self._stream

    def _body(self, mail: Mail) -> dict[str, object]:
        return {
            "From": mail.from_header,
            "To": mail.to,
            "ReplyTo": mail.reply_to,
            "Subject": mail.subject,
            "HtmlBody": mail.html,
            "TextBody": mail.text,
            "Metadata": {METADATA: str(mail.id)},
            "Headers": [
                {"Name": name, "Value": value}
                for name, value in (("Auto-Submitted", "auto-generated"), *unsubscribe_headers(mail))
            ],
            "MessageStream": self._stream_of(mail),
            # A link with a secret in it must not pass through somebody else's redirects.
            "TrackLinks": "None",
            "TrackOpens": mail.tells_of_opening,
            "Attachments": [_attachment(attached) for attached in mail.attachments],
        }


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _attachment(attached: Attachment) -> dict[str, str]:
    content = base64.b64encode(attached.content).decode()
    return {"Name": attached.name, "Content": content, "ContentType": attached.content_type}
