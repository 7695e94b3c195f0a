"""Events: what happened to which object, kept for the list endpoint and handed to the webhooks.

An event holds the object as it was at that moment, in the shape the API shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.present import public
from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.world import API_VERSION

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc


class Events:
    """The only place where events are made."""

    def emit(self, scope: Scope, event_type: str, doc: Doc, before: Doc) -> Doc:
        """Record an event and queue its deliveries, in the caller's transaction."""
        data: Doc = {"object": public(scope.world, doc)}
        if before:
            data["previous_attributes"] = before
        event: Doc = {
            "id": new_id("evt_1"),
            "object": "event",
            "api_version": API_VERSION,
            "created": scope.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": scope.request_id, "idempotency_key": scope.idempotency_key},
            "type": event_type,
        }
        if scope.account:
            event["account"] = scope.account
        event["pending_webhooks"] = scope.world.outbox.enqueue(event)
        return scope.save(event)
