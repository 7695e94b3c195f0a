"""Calls to Google over plain HTTP with a service account's token. Knows errors and no calendars.

One attempt per call: whoever asks has a queue that tries again. An answer that did not come raises UnknownOutcome,
never a guess. Tokens live as long as the object and are kept nowhere.
"""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from portal.calendars import errors
from portal.calendars.errors import CalendarMissing, GoogleError, KeyRefused, QuotaReached, UnknownOutcome, Unreachable
from portal.calendars.service_account import ServiceAccount

BASE = "https://www.googleapis.com"
TIMEOUT = 10.0  # seconds for each step of a call
_TOKEN = {BASE: "https://oauth2.googleapis.com/token"}
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LARGEST = 8 * 1024 * 1024
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


class GoogleHttp:
    """Google as one service account sees it."""

    def __init__(self, account: ServiceAccount, *, base: str, timeout: float = TIMEOUT) -> None:
        self._account, self._base, self._timeout = account, base, timeout
        self._token, self._good_until = "", 0.0

    def call(self, method: str, path: str, body: dict[str, object] | None = None, **query: str) -> Answer:
        """One call. Raises GoogleError when no answer came or the account is not let in at all."""
        address = self._base + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self._access_token()}"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return self._send(method, address, content, headers)

    def _access_token(self) -> str:
        if time.monotonic() >= self._good_until:
            address = _TOKEN.get(self._base, f"{self._base}/token")
            content = urlencode({"grant_type": _GRANT, "assertion": self._account.assertion(address)}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._send("POST", address, content, headers)
            if not answer.is_good or not isinstance(answer.body.get("access_token"), str):
                raise _refusal(answer)
            self._token = answer.body["access_token"]
            self._good_until = time.monotonic() + min(int(answer.body.get("expires_in") or 0), 3600) - 60
        return self._token

    def _send(self, method: str, address: str, content: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            try:
                connection.connect()
            except OSError:
                raise Unreachable from None
            try:
                connection.request(method, path, content, {"Accept": "application/json", **headers})
                response = connection.getresponse()
                return Answer(response.status, _json(response.read(_LARGEST)))
            except (OSError, http.client.HTTPException):
                raise UnknownOutcome(errors.NO_ANSWER) from None
        finally:
            connection.close()


def _refusal(answer: Answer) -> GoogleError:
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


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
