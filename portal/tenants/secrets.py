"""What a business entrusts to us and only the application may read: encrypted with AES-256-GCM before it is stored.

Bound to the tenant and to a purpose, so that a value that is copied to another row or another business cannot be read
there. Written as ``v1.<id of the key>.<nonce and ciphertext>``. Nothing here stores or logs anything.
"""

import base64
import binascii
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal import settings

_FORMAT = "v1"
_NONCE = 12


class UnreadableError(Exception):
    """No key of the ring opens this value, or it is not what it is said to be."""


def encrypt(tenant_id: UUID, purpose: str, text: str) -> str:
    """Encrypt with the newest key."""
    ring, nonce = settings.current().secrets_ring, os.urandom(_NONCE)
    sealed = AESGCM(ring.keys[ring.newest]).encrypt(nonce, text.encode(), _bound(tenant_id, purpose))
    return f"{_FORMAT}.{ring.newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(tenant_id: UUID, purpose: str, sealed: str) -> str:
    """What was encrypted for this tenant and purpose. Raises UnreadableError."""
    kind, _, rest = sealed.partition(".")
    key_id, _, encoded = rest.partition(".")
    key = settings.current().secrets_ring.keys.get(key_id)
    if kind != _FORMAT or key is None:
        raise UnreadableError
    try:
        raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(tenant_id, purpose)).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise UnreadableError from None


def is_of_newest_key(sealed: str) -> bool:
    """Whether a value need not be encrypted anew."""
    return sealed.startswith(f"{_FORMAT}.{settings.current().secrets_ring.newest}.")


def _bound(tenant_id: UUID, purpose: str) -> bytes:
    return b"aisle/" + tenant_id.bytes + b"/" + purpose.encode()
