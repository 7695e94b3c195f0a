"""Calls to Google over plain HTTP with a service account's token. Knows no calendars.

One attempt per call: whoever asks has a queue that tries again. An answer that did not come raises UnknownOutcome,
never a guess. Tokens live as long as the object and are kept nowhere.
"""

import http.client
import json
import time
from urllib.parse import urlencode, urlsplit

from portal.calendars import errors
from portal.calendars.errors import UnknownOutcome, Unreachable
from portal.calendars.google_answers import Answer, no_token, parsed
from portal.calendars.service_account import ServiceAccount

BASE = "https://www.googleapis.com"
TIMEOUT = 10.0  # seconds for each step of a call
_TOKEN = {BASE: "https://oauth2.googleapis.com/token"}
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LARGEST = 8 * 1024 * 1024


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
                raise no_token(answer)
            self._token = answer.body["access_token"]
            self._good_until = time.monotonic() + min(int(answer.body.get("expires_in") or 0), 3600) - 60
        return self._token

    def _send(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> Answer:
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
                connection.request(method, path, body, {"Accept": "application/json", **headers})
                response = connection.getresponse()
                content = response.read(_LARGEST)
                answer = Answer(response.status, parsed(content))
            except (OSError, http.client.HTTPException):
                raise UnknownOutcome(errors.NO_ANSWER) from None
            if answer.is_good and not answer.body and (content or response.length):  # cut off on its way
                raise UnknownOutcome(errors.NO_ANSWER)
            return answer
        finally:
            connection.close()
