"""Service accounts and their tokens, as https://oauth2.googleapis.com/token treats them (RFC 7523)."""

import json
import secrets
import threading

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.devtools.google_emulator.errors import TokenError
from portal.devtools.google_emulator.statements import check, decoded


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
            head, body, signature = (decoded(part) for part in assertion.split("."))
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
        check(header, claims, audience)
        token = f"ya29.{secrets.token_urlsafe(40)}"
        with self._lock:
            self._tokens[token] = claims["iss"]
        return token

    def whose(self, token: str) -> str | None:
        """The account of a token."""
        with self._lock:
            return self._tokens.get(token)
