"""Delayed payments: a bank debit that is under way and succeeds or fails later."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.cards import Card, find
from portal.devtools.stripe_emulator.engine.intents import succeed
from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World


def begin_processing(scope: Scope, intent: Doc, charge: Doc, card: Card) -> None:
    """The debit is handed to the bank."""
    delay = scope.world.behaviour.delayed_after_seconds
    intent |= {"status": "processing", "_settles_at": None if delay is None else time.time() + delay}
    charge["_card"] = card.number
    scope.save(charge)
    scope.save(intent)
    scope.emit("charge.pending", charge)
    scope.emit("payment_intent.processing", intent)


def settle(scope: Scope, session_id: str, *, is_success: bool) -> Doc:
    """The bank has answered: the session is paid, or the payment failed for good."""
    with scope.world.store.transaction():
        session = scope.get("checkout.session", session_id)
        intent = scope.get("payment_intent", session["payment_intent"] or "")
        if intent["status"] != "processing":
            raise ValueError(f"The payment of {session_id} is not being processed: it is {intent['status']}.")
        charge = scope.get("charge", intent["latest_charge"])
        if is_success:
            _succeed(scope, session, intent, charge)
        else:
            _fail(scope, session, intent, charge)
        return session


def settle_due(world: World) -> None:
    """Settle the delayed payments whose time has come, as their card number says."""
    with world.store.transaction():
        rows = world.store.execute(
            "SELECT account, body FROM object WHERE kind = 'payment_intent'"
            " AND json_extract(body, '$.status') = 'processing' AND json_extract(body, '$._settles_at') <= ?",
            time.time(),
        )
        for row in rows:
            scope, intent = Scope(world, row["account"]), json.loads(row["body"])
            charge = scope.get("charge", intent["latest_charge"])
            settle(scope, intent["_session"], is_success=find(charge["_card"]).delayed_success)


def _succeed(scope: Scope, session: Doc, intent: Doc, charge: Doc) -> None:
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
    succeed(scope, intent, charge)
    session["payment_status"] = "paid"
    scope.save(session)
    scope.emit("checkout.session.async_payment_succeeded", session)


def _fail(scope: Scope, session: Doc, intent: Doc, charge: Doc) -> None:
    message = "The payment was returned by the customer's bank for lack of funds."
    charge |= {"status": "failed", "failure_code": "insufficient_funds", "failure_message": message}
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {"charge": charge["id"], "code": "payment_method_provider_decline", "message": message},
    }
    for doc in (charge, intent, session):
        scope.save(doc)
    scope.emit("charge.failed", charge)
    scope.emit("payment_intent.payment_failed", intent)
    scope.emit("checkout.session.async_payment_failed", session)
