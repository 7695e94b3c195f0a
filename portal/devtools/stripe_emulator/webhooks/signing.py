"""The `Stripe-Signature` header (https://docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac


def sign(payload: bytes, secret: str, timestamp: int) -> str:
    """The header's value for this payload, signed at that second."""
    signed = f"{timestamp}.".encode() + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
