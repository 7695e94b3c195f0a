"""Checkout Sessions end: by their time, or because somebody ends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World


def expire(scope: Scope, session: Doc) -> Doc:
    """End an open session; a payment that was tried and never succeeded is cancelled with it."""
    session["status"] = "expired"
    scope.save(session)
    if session["_attempted_intent"]:
        intent = scope.get("payment_intent", session["_attempted_intent"])
        intent |= {"status": "canceled", "canceled_at": scope.now(), "cancellation_reason": "expired"}
        scope.save(intent)
        scope.emit("payment_intent.canceled", intent)
    scope.emit("checkout.session.expired", session)
    return session


def expire_due_sessions(world: World) -> None:
    """End all sessions whose time is up, of every account."""
    with world.store.transaction():
        rows = world.store.execute(
            "SELECT account, body FROM object WHERE kind = 'checkout.session'"
            " AND json_extract(body, '$.status') = 'open' AND json_extract(body, '$.expires_at') <= ?",
            world.clock.now(),
        )
        for row in rows:
            expire(Scope(world, row["account"]), json.loads(row["body"]))
