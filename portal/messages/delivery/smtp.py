"""Mails over SMTP: ``smtp://user:password@host:587`` (STARTTLS where the server offers it) or ``smtps://…:465``.

SMTP cannot be asked whether a mail arrived. The Message-ID stays the same, so that a second copy is recognised by
mail programs; only an answer that was lost after DATA, or a kill, can cause one.
"""

import re
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

from portal.messages.delivery.channel import (
    AddressRefusedError,
    NotSentError,
    RefusedError,
    UnknownOutcomeError,
    encoded,
)
from portal.messages.mail import Mail, message_id_header

# For each step of the conversation; all steps together must end before the effect's lease does.
_TIMEOUT = 6.0
_PERMANENT = 500
# No such mailbox, no such host, an address that cannot be, one that has moved or takes no mail (RFC 3463, 7505). A
# server that refuses us for another reason, or gives none, says nothing about the address.
_NO_SUCH_ADDRESS = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)\b")
_PORTS = {"smtp": 587, "smtps": 465}


class SmtpChannel:
    """One connection per mail: mails are few, and a kept connection goes stale."""

    def __init__(self, url: str, *, timeout: float = _TIMEOUT) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            msg = "SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465"
            raise ValueError(msg)
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._timeout = timeout

    def send(self, mail: Mail) -> str:
        """Hand the mail to the server."""
        message = encoded(mail)
        server = self._connect()
        try:
            self._hand_over(server, mail, message)
        finally:
            self._leave(server)
        return message_id_header(mail)

    def find(self, message_id: UUID) -> str | None:
        """SMTP does not know."""
        del message_id
        return None

    def welcome(self, address: str) -> None:
        """A mail server is not told."""
        del address

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        try:
            server: smtplib.SMTP
            if self._is_tls:
                server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                    server.ehlo()
            if self._user:
                server.login(self._user, self._password)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSentError(f"the mail server cannot be reached: {_words(error)}") from error
        return server

    def _hand_over(self, server: smtplib.SMTP, mail: Mail, message: EmailMessage) -> None:
        try:
            server.send_message(message, from_addr=mail.sender, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            self._raise(code, answer, error, is_about_address=True)
        except smtplib.SMTPResponseException as error:
            self._raise(error.smtp_code, error.smtp_error, error)
        except smtplib.SMTPNotSupportedError as error:
            raise RefusedError(_words(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise UnknownOutcomeError(f"the mail server stopped answering: {_words(error)}") from error

    @staticmethod
    def _raise(code: int, answer: bytes | str, error: Exception, *, is_about_address: bool = False) -> None:
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        kind: type[Exception] = NotSentError
        if code >= _PERMANENT:
            kind = AddressRefusedError if is_about_address and _NO_SUCH_ADDRESS.match(text) else RefusedError
        raise kind(f"the mail server said {code} {text}") from error

    @staticmethod
    def _leave(server: smtplib.SMTP) -> None:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
