"""What a mail channel promises, and the three ways in which it can fail."""

from email.errors import MessageError
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from portal.messages.mail import Mail, as_message


class NotSentError(Exception):
    """It surely did not leave; try again later."""


class UnknownOutcomeError(Exception):
    """It may have left; before trying again, look."""


class RefusedError(Exception):
    """This mail will never be accepted; trying again is useless."""


class AddressRefusedError(RefusedError):
    """Nothing to this address will be accepted, whatever it says."""


class Channel(Protocol):
    """One way out."""

    def send(self, mail: Mail) -> str:
        """Hand the mail over; the channel's own id for it. Raises one of the errors above."""
        ...

    def find(self, message_id: UUID) -> str | None:
        """The channel's id of a mail that left earlier, if it can tell. Raises NotSentError when it cannot be asked.

        Of several the latest one.
        """
        ...

    def welcome(self, address: str) -> None:
        """Forget that an address came back, if the channel remembers such. Raises NotSentError to try later."""
        ...


def encoded(mail: Mail) -> EmailMessage:
    """The mail in RFC 5322. Raises RefusedError for an address or a subject that no header can hold."""
    try:
        return as_message(mail)
    except (MessageError, ValueError, IndexError) as error:
        raise RefusedError(f"this cannot be written as a mail: {error}") from error
