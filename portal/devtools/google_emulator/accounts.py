"""Service accounts and their tokens, as https://oauth2.googleapis.com/token treats them (RFC 7523)."""

import base64
import json
import secrets
import threading
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.devtools.google_emulator.errors import TokenError

_LIFE, _SKEW = 3600, 300


class Accounts:
    """Whose key is good, and whose token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPublicKey] = {}
        self._tokens: dict[str, str] = {}

    def make(self, email: str, token_uri: str) -> str:
        """A new key for an account, the only one it has then: the JSON file that its owner downloads."""
        key = generate_private_key(public_exponent=65537, key_size=2048)
        with self._lock:
            self._keys[email] = key.public_key()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        told = {
            "type": "service_account",
            "project_id": "emulated",
            "private_key_id": secrets.token_hex(20),
            "private_key": pem,
            "client_email": email,
            "client_id": str(secrets.randbelow(10**21)),
            "token_uri": token_uri,
        }
        return json.dumps(told, indent=2)

    def revoke(self, email: str) -> None:
        """Delete the key of an account; its tokens end as well."""
        with self._lock:
            self._keys.pop(email, None)
            self._tokens = {token: whose for token, whose in self._tokens.items() if whose != email}

    def exchange(self, assertion: str, audience: str) -> str:
        """A token for a signed statement. Raises TokenError with Google's words."""
        try:
            head, body, signature = (_decoded(part) for part in assertion.split("."))
            header, claims = json.loads(head), json.loads(body)
        except ValueError:
            raise TokenError("invalid_grant", "Invalid JWT: malformed.") from None
        with self._lock:
            key = self._keys.get(str(claims.get("iss")))
        if key is None:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        try:
            key.verify(signature, assertion.rpartition(".")[0].encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from None
        _check(header, claims, audience)
        token = f"ya29.{secrets.token_urlsafe(40)}"
        with self._lock:
            self._tokens[token] = claims["iss"]
        return token

    def whose(self, token: str) -> str | None:
        """The account of a token."""
        with self._lock:
            return self._tokens.get(token)


def _check(header: dict[str, Any], claims: dict[str, Any], audience: str) -> None:
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


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
