"""The calls to a webhook: once, or until it is taken. Redirects are not followed, and 403 ends the attempts."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from portal.devtools.postmark_emulator.emulator import PostmarkEmulator
    from portal.devtools.postmark_emulator.mails import Doc

_ATTEMPTS, _PAUSE_SECONDS, _TIMEOUT = 10, 0.25, 10
_OK, _FORBIDDEN = 200, 403


def post(url: str, event: Doc) -> int:
    """Post one event; the status, or 0 when nobody answered. Who is in the address is sent as Basic."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=_TIMEOUT)
    headers = {"Content-Type": "application/json", "User-Agent": "Postmark (emulator)"}
    if address.username is not None:
        who = f"{unquote(address.username)}:{unquote(address.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
    try:
        connection.request("POST", address.path or "/", json.dumps(event).encode(), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def until_taken(world: PostmarkEmulator, event: Doc) -> None:
    """Post an event again and again, as Postmark does over hours."""
    for _ in range(_ATTEMPTS):
        if post(world.webhook_url, event) in {_OK, _FORBIDDEN} or world.stopping.wait(_PAUSE_SECONDS):
            return
