"""Who asks, and what is in the body of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from portal.devtools.google_emulator.errors import ApiError

if TYPE_CHECKING:
    from portal.devtools.google_emulator.emulator import GoogleEmulator
    from portal.devtools.google_emulator.times import Doc


def email_of(world: GoogleEmulator) -> str:
    """Whose token this call carries. Raises ApiError."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    email = world.accounts.whose(token) if kind == "Bearer" else None
    if email is None:
        raise ApiError(401, "authError", "Invalid Credentials")
    return email


def body() -> Doc:
    """What it sends. Raises ApiError."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return sent
