"""A mail as a value, and as the bytes of RFC 5322. Knows nothing of bookings or of how it travels.

Names and subjects may hold anything a person typed; headers never get a line break or another control character.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID

# Spaces at which a line may not break are kept: French sets them before its colons.
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """A header that is one line however long: an address is read by machines, which decode nothing (RFC 2369)."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WholeHeader)
_POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels along."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address. ``id`` is the message's, and the same on every attempt."""

    id: UUID
    sender_name: str
    sender: str
    to: str
    reply_to_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    at: datetime
    attachments: tuple[Attachment, ...] = field(default=())
    unsubscribe_url: str = ""
    tells_of_opening: bool = False

    @property
    def from_header(self) -> str:
        """``"Bella Weddings" <bookings@example.com>``."""
        return formataddr((self.sender_name, self.sender))


def one_line(text: str) -> str:
    """A text that can stand in a header."""
    return _SPACES.sub(" ", text).strip(" ")


def address_of(mail_from: str) -> str:
    """The bare address of ``Aisle <bookings@example.com>``."""
    return parseaddr(mail_from)[1] or mail_from


def message_id_header(mail: Mail) -> str:
    """A Message-ID that stays the same when a mail is sent again."""
    return f"<{mail.id}@{mail.sender.rpartition('@')[2] or 'localhost'}>"


def unsubscribe_headers(mail: Mail) -> list[tuple[str, str]]:
    """How a mail program asks for no more of these: one POST without a page (RFC 2369, RFC 8058)."""
    if not mail.unsubscribe_url:
        return []
    return [
        ("List-Unsubscribe", f"<{mail.unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


def as_message(mail: Mail) -> EmailMessage:
    """The mail in RFC 5322, text first, HTML beside it, attachments after."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=mail.to)
    if mail.reply_to:
        message["Reply-To"] = Address(mail.reply_to_name, addr_spec=mail.reply_to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = message_id_header(mail)
    # Out-of-office answers to a machine help nobody (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    for name, value in unsubscribe_headers(mail):
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for attached in mail.attachments:
        kind, *params = (part.strip() for part in attached.content_type.split(";"))
        maintype, _, subtype = kind.partition("/")
        message.add_attachment(
            attached.content,
            maintype=maintype,
            subtype=subtype,
            filename=attached.name,
            params=dict(param.split("=", 1) for param in params),  # without its charset a file is taken for ASCII
        )
    return message
