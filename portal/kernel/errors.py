"""Errors with a meaning, and a sentence fit for the reader.

A service raises one of these; ``web.errors`` and ``api.errors`` turn it into a page, a fragment or
problem+json. The message is an English source string marked with ``N_``; it is translated, and its
parameters are formatted for the reader's locale, where it is shown and nowhere earlier.
"""

from collections.abc import Mapping


class PortalError(Exception):
    """Something the reader can be told. ``code`` is stable and for machines."""

    code = "error"

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFound(PortalError):
    """Absent, or somebody else's: the two look the same."""

    code = "not_found"


class Gone(PortalError):
    """A link that was used up, ended or expired."""

    code = "gone"


class Forbidden(PortalError):
    """The reader is known and may not do this."""

    code = "forbidden"


class Conflict(PortalError):
    """Somebody was faster, or the thing is no longer in a state that allows this."""

    code = "conflict"


class DateTaken(Conflict):
    """One of the wanted days is claimed by another booking, hold or blackout date."""

    code = "date_taken"


class Stale(Conflict):
    """The row changed since it was read; nothing was written."""

    code = "stale"


class Invalid(PortalError):
    """Bad input. ``fields`` maps a field's name to the error that stands beside it."""

    code = "invalid"

    def __init__(self, message: str, fields: Mapping[str, PortalError | str] | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.fields = dict(fields or {})


class Busy(PortalError):
    """A lock or limit was waited for too long; trying again is right."""

    code = "busy"


class TooMany(PortalError):
    """A rate limit was reached."""

    code = "too_many"


class Unavailable(PortalError):
    """Something we depend on is down."""

    code = "unavailable"
