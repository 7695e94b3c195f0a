"""Paying a session: on the pay page, or directly by a switch.

A card pays or is declined at once. A delayed method completes the session unpaid; `delayed` settles it later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.cards import CARD_DISPUTED, Card, Outcome
from portal.devtools.stripe_emulator.engine.delayed import begin_processing
from portal.devtools.stripe_emulator.engine.disputing import open_dispute
from portal.devtools.stripe_emulator.engine.expiring import expire_due_sessions
from portal.devtools.stripe_emulator.engine.intents import (
    method_type,
    new_charge,
    new_intent,
    new_method,
    succeed,
)
from portal.devtools.stripe_emulator.resources.customers import new_customer

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc


class NotPayable(Exception):
    """The session is no longer open, or does not offer this way of paying."""


@dataclass(frozen=True)
class Payer:
    """Who pays, as typed into the pay page."""

    email: str = ""
    name: str = ""


@dataclass(frozen=True)
class Tampering:
    """What Stripe shall say was paid, when it is not what was asked: for tests of the mismatch."""

    amount: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Attempt:
    """How it went; `refusal` is the sentence to show when the card was declined."""

    session: Doc
    refusal: str = ""


def pay(
    scope: Scope, session_id: str, card: Card, payer: Payer | None = None, wrong: Tampering | None = None
) -> Attempt:
    """Try to pay the session with this card."""
    with scope.world.store.transaction():
        expire_due_sessions(scope.world)
        session = scope.get("checkout.session", session_id)
        if session["status"] != "open":
            raise NotPayable(f"This Checkout Session is {session['status']}.")
        if wrong is not None:
            session["amount_total"] = session["amount_total"] if wrong.amount is None else wrong.amount
            session["currency"] = wrong.currency or session["currency"]
        if method_type(card, session["currency"]) not in session["payment_method_types"]:
            raise NotPayable(f"This Checkout Session does not offer {method_type(card, session['currency'])}.")
        session["customer_details"] = _details(session, payer or Payer())
        if session["amount_total"] == 0:
            return Attempt(_complete(scope, session, "no_payment_required"))
        return _take(scope, session, card)


def _take(scope: Scope, session: Doc, card: Card) -> Attempt:
    intent = _intent(scope, session)
    details = {key: session["customer_details"][key] for key in ("email", "name", "phone")}
    method = new_method(scope, card, session["currency"], details)
    status = {Outcome.PAYS: "succeeded", Outcome.DECLINES: "failed", Outcome.DELAYED: "pending"}[card.outcome]
    charge = new_charge(scope, intent, method, card, status)
    intent["latest_charge"] = charge["id"]
    if card.outcome is Outcome.DECLINES:
        return _declined(scope, session, intent, charge, method)
    intent |= {"payment_method": method["id"], "last_payment_error": None}
    session["payment_intent"] = intent["id"]
    if card.outcome is Outcome.DELAYED:
        begin_processing(scope, intent, charge, card)
        return Attempt(_complete(scope, session, "unpaid"))
    succeed(scope, intent, charge)
    _complete(scope, session, "paid")
    if card.number == CARD_DISPUTED:
        open_dispute(scope, charge, charge["amount"], "fraudulent")
    return Attempt(session)


def _declined(scope: Scope, session: Doc, intent: Doc, charge: Doc, method: Doc) -> Attempt:
    code, message = charge["failure_code"], charge["failure_message"]
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {
            "charge": charge["id"],
            "code": code,
            "decline_code": charge["outcome"]["reason"],
            "message": message,
            "payment_method": {key: value for key, value in method.items() if not key.startswith("_")},
            "type": "card_error",
        },
    }
    # Of the session a refusal leaves no trace but the intent, which the next try uses again.
    untouched = scope.get("checkout.session", session["id"]) | {"_attempted_intent": intent["id"]}
    for doc in (charge, intent, untouched):
        scope.save(doc)
    scope.emit("charge.failed", charge)
    scope.emit("payment_intent.payment_failed", intent)
    return Attempt(untouched, refusal=message)


def _intent(scope: Scope, session: Doc) -> Doc:
    if session["_attempted_intent"]:
        intent = scope.get("payment_intent", session["_attempted_intent"])
        return intent | {"amount": session["amount_total"], "currency": session["currency"]}
    intent = scope.save(new_intent(scope, session))
    session["_attempted_intent"] = intent["id"]
    scope.emit("payment_intent.created", intent)
    return intent


def _complete(scope: Scope, session: Doc, payment_status: str) -> Doc:
    if session["customer"] is None and session["customer_creation"] == "always":
        known = {name: session["customer_details"][name] for name in ("email", "name")}
        session["customer"] = scope.save(new_customer(scope, known))["id"]
    session |= {"status": "complete", "payment_status": payment_status}
    scope.save(session)
    scope.emit("checkout.session.completed", session)
    return session


def _details(session: Doc, payer: Payer) -> Doc:
    known = session["customer_details"] or {"address": None, "phone": None, "tax_exempt": "none", "tax_ids": []}
    email = session["customer_email"] or known.get("email") or payer.email or "payer@example.com"
    return known | {"email": email, "name": payer.name or known.get("name")}
