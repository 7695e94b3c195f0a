"""Who calls, and for which account: the secret key and the `Stripe-Account` header."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import FORBIDDEN, UNAUTHORIZED, ApiError
from portal.devtools.stripe_emulator.scope import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.devtools.stripe_emulator.world import World

_TEST_KEYS = ("sk_test_", "rk_test_")


def check_key(headers: Mapping[str, str]) -> str:
    """The secret key; any test key will do, a live one never."""
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise ApiError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=UNAUTHORIZED,
            is_kept=False,
        )
    if not given.startswith(_TEST_KEYS):
        raise ApiError(f"Invalid API Key provided: {given[:8]}********", status=UNAUTHORIZED, is_kept=False)
    return given


def check_account(world: World, headers: Mapping[str, str], key: str) -> str:
    """The account the call is about: a connected one that exists, or the platform."""
    account = headers.get("Stripe-Account", "")
    if account and world.store.owner("account", account) is None:
        raise ApiError(
            f"The provided key '{key[:8]}********' does not have access to account '{account}' (or that account does "
            "not exist). Application access may have been revoked.",
            status=FORBIDDEN,
            code="account_invalid",
            is_kept=False,
        )
    return account or PLATFORM
