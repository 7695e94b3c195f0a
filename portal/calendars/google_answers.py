"""What Google answers, and what an answer means that is not the wanted one. Asks nobody."""

import json
from dataclasses import dataclass
from typing import Any

from portal.calendars import errors
from portal.calendars.errors import CalendarMissing, GoogleError, KeyRefused, QuotaReached, UnknownOutcome, Unreachable

_QUOTA = frozenset({
    "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED",
})  # fmt: skip
_DISABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _TROUBLE = 401, 403, 404, 429, 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What Google said."""

    status: int
    body: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return self.status // 100 == 2  # noqa: PLR2004  all of 2xx

    def error(self) -> GoogleError:
        """What this answer means, when nothing else was expected."""
        reasons = _reasons(self.body)
        if self.status == _UNAUTHORIZED:
            return KeyRefused()
        if self.status == _TOO_MANY or (self.status == _FORBIDDEN and reasons & _QUOTA):
            return QuotaReached()
        if self.status == _FORBIDDEN:
            return KeyRefused(errors.NOT_ENABLED) if reasons & _DISABLED else CalendarMissing(errors.READ_ONLY)
        if self.status == _NOT_FOUND:
            return CalendarMissing()
        return UnknownOutcome()


def no_token(answer: Answer) -> GoogleError:
    """Why there is no token."""
    if answer.status == _TOO_MANY:
        return QuotaReached()
    if answer.status >= _TROUBLE or answer.is_good:
        return Unreachable(errors.TROUBLE)
    if "reasonable timeframe" in str(answer.body.get("error_description")):
        return Unreachable(errors.OUR_CLOCK)
    return KeyRefused()


def _reasons(body: dict[str, Any]) -> set[str]:
    """Machine-readable reasons, in the older and the newer form of Google's errors."""
    error = body.get("error")
    if not isinstance(error, dict):
        return set()
    told = [*(error.get("errors") or []), *(error.get("details") or [])]
    return {str(each.get("reason")) for each in told if isinstance(each, dict)}


def parsed(raw: bytes) -> dict[str, Any]:
    """The body; nothing when it is no object."""
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
