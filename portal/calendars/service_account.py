"""The key of a Google service account: the JSON file that Google gives out, and what is signed with it.

Of the file only the account, the key and the key's id are taken. Addresses in it are never asked: whoever pastes a file
must not choose whom our workers talk to. The key is in no repr, error or log.
"""

import base64
import json
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.kernel.text import N_

LONGEST = 8000
_SHORTEST_KEY = 2048
_LONGEST_KEY = 8192
_SCOPES = "https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.readonly"
_GRACE, _LIFE = 30, 3600  # seconds; Google takes an hour at most
_EMAIL = re.compile(r"[a-z0-9.-]{1,100}@[a-z0-9.-]{1,100}\.gserviceaccount\.com", re.ASCII)

NOT_JSON = N_("This is not the key file of a service account. Please paste all of the JSON file that Google gave you.")
OTHER_KIND = N_(
    "This JSON file is of another kind. Please create a key for a service account (type “service_account”)."
)
BROKEN_KEY = N_("The private key in this file is incomplete or damaged. Please paste all of the JSON file.")


class NotAKey(ValueError):
    """Why a text is no key; ``reason`` is a sentence for its owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who asks Google; ``client_email`` is whom a calendar is shared with and no secret."""

    client_email: str
    key_id: str
    private_key: str = field(repr=False)

    def assertion(self, audience: str) -> str:
        """A signed statement of who we are (RFC 7523), to be exchanged for an access token at ``audience``."""
        issued = int(time.time())  # Google's clock, so never a shifted one
        claims = {
            "iss": self.client_email,
            "scope": _SCOPES,
            "aud": audience,
            "iat": issued - _GRACE,
            "exp": issued - _GRACE + _LIFE,
        }
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': self.key_id})}.{_part(claims)}"
        return f"{signed}.{_base64(_key(self.private_key).sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def as_json(self) -> str:
        """What is kept of the file."""
        kept = {"type": "service_account", "client_email": self.client_email, "private_key_id": self.key_id}
        return json.dumps({**kept, "private_key": self.private_key})


def parse(text: str) -> ServiceAccount:
    """Read a key file. Raises NotAKey."""
    told = _object(text)
    if told.get("type") != "service_account":
        raise NotAKey(OTHER_KIND)
    email, key_id, private_key = (told.get(name) for name in ("client_email", "private_key_id", "private_key"))
    if not (isinstance(email, str) and isinstance(key_id, str) and isinstance(private_key, str)):
        raise NotAKey(NOT_JSON)
    if not _EMAIL.fullmatch(email):
        raise NotAKey(NOT_JSON)
    try:
        _key(private_key)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # what is wrong with a key is nobody else's business
        raise NotAKey(BROKEN_KEY) from None
    return ServiceAccount(email, key_id[:100], private_key)


def _object(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise NotAKey(NOT_JSON)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAKey(NOT_JSON) from None
    if not isinstance(told, dict):
        raise NotAKey(NOT_JSON)
    return told


@lru_cache(maxsize=8)
def _key(private_key: str) -> RSAPrivateKey:
    """Taken apart once: checking a key costs far more than signing with it."""
    key = load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, RSAPrivateKey) or not _SHORTEST_KEY <= key.key_size <= _LONGEST_KEY:
        raise TypeError
    return key


def _part(value: dict[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
