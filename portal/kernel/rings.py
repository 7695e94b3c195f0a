"""Keys that encrypt: a ring of them, ``id:base64`` separated by commas. The first encrypts, every one decrypts.

So a key is changed without a gap: put the new one first, encrypt everything anew, then take the old one away.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

KEY_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys by id, the one that encrypts first."""

    keys: dict[str, bytes] = field(repr=False)

    @property
    def newest(self) -> str:
        """The id of the key that encrypts."""
        return next(iter(self.keys))


def parse(text: str) -> Ring:
    """Read a ring. Raises ValueError with words that hold nothing of it."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, colon, encoded = part.strip().partition(":")
        if not colon or not _ID.fullmatch(key_id):
            msg = "each key must be written as id:base64, the id of letters and digits"
            raise ValueError(msg)
        if key_id in keys:
            msg = "each key must have an id of its own"
            raise ValueError(msg)
        keys[key_id] = _decoded(encoded.strip())
    return Ring(keys)


def derived(secret: str) -> Ring:
    """A ring of one key that follows from another secret; for development and tests."""
    return Ring({"dev": hashlib.sha256(b"aisle secrets ring/" + secret.encode()).digest()})


def _decoded(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        msg = f"each key must be base64 of {KEY_BYTES} random bytes: openssl rand -base64 {KEY_BYTES}"
        raise ValueError(msg)
    return key
