"""Secrets in emailed links: 256 random bits, of which only the SHA-256 is ever stored.

A raw token lives in a mail and in a browser's request, never in a row, a payload or a log.
"""

import hashlib
import re
import secrets
from typing import NamedTuple

_RAW = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Token(NamedTuple):
    """A freshly minted secret and what is stored of it."""

    raw: str
    digest: bytes


def mint() -> Token:
    """A new token; the caller sends ``raw`` and stores ``digest``."""
    raw = secrets.token_urlsafe(32)
    return Token(raw, digest(raw))


def digest(raw: str) -> bytes:
    """What is stored of a raw token."""
    return hashlib.sha256(raw.encode()).digest()


def is_well_formed(raw: str) -> bool:
    """Whether the text could be a token at all; others are not looked up."""
    return _RAW.fullmatch(raw) is not None
