"""What a mail channel promises, and the three ways in which it can fail."""

from typing import Protocol
from uuid import UUID

from portal.messages.mail import Mail


class NotSentError(Exception):
    """It surely did not leave; try again later."""


class UnknownOutcomeError(Exception):
    """It may have left; before trying again, look."""


class RefusedError(Exception):
    """This mail will never be accepted; trying again is useless."""


class Channel(Protocol):
    """One way out."""

    def send(self, mail: Mail) -> str:
        """Hand the mail over; the channel's own id for it. Raises one of the errors above."""
        ...

    def find(self, message_id: UUID) -> str | None:
        """The channel's id of a mail that left earlier, if it can tell. Raises NotSentError when it cannot be asked."""
        ...
