"""Keys and references.

Rows are keyed by UUIDs of version 7 (RFC 9562), which sort by the time they were made. A booking's
reference is what a couple reads out on the telephone: eight characters without vowels and look-alikes.
"""

import os
import re
import secrets
import time
from uuid import UUID

_REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
_REFERENCE = re.compile(rf"[{_REFERENCE_LETTERS}]{{4}}-[{_REFERENCE_LETTERS}]{{4}}", re.ASCII)


def uuid7() -> UUID:
    """A time-ordered UUID: 48 bits of milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (millis & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76 | (random >> 68) << 64
    value |= 0b10 << 62 | random & 0x3FFFFFFFFFFFFFFF
    return UUID(int=value)


def new_reference() -> str:
    """A booking reference such as ``K7QM-2R9D`` (27⁸ possibilities)."""
    letters = [secrets.choice(_REFERENCE_LETTERS) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def is_reference(text: str) -> bool:
    """Whether the text has the shape of a booking reference."""
    return _REFERENCE.fullmatch(text) is not None
