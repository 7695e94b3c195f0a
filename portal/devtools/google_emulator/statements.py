"""What stands in a signed statement (RFC 7523), and what Google says of one that does not hold."""

import base64
import time
from typing import Any

from portal.devtools.google_emulator.errors import TokenError

_LIFE, _SKEW = 3600, 300


def check(header: dict[str, Any], claims: dict[str, Any], audience: str) -> None:
    """Whether it is for us, for a calendar and for now. Raises TokenError."""
    if header.get("alg") != "RS256" or claims.get("aud") != audience:
        raise TokenError("invalid_grant", "Invalid JWT: wrong algorithm or audience.")
    if "auth/calendar" not in str(claims.get("scope")):
        raise TokenError("invalid_scope", "Empty or missing scope not allowed.")
    issued, ends, now = int(claims.get("iat", 0)), int(claims.get("exp", 0)), time.time()
    if ends - issued > _LIFE or not issued - _SKEW <= now <= ends + _SKEW:
        raise TokenError(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
        )


def decoded(part: str) -> bytes:
    """One part of it."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
