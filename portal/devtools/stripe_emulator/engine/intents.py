"""The objects a payment consists of: payment method, intent and charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.cards import Card, Outcome
from portal.devtools.stripe_emulator.engine.application_fees import take_fee
from portal.devtools.stripe_emulator.engine.balance import balance_entry
from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.money import processing_fee

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc

_DEBIT_OF = {"usd": "us_bank_account", "gbp": "bacs_debit", "eur": "sepa_debit"}
_LAST_YEAR = 2099


def method_type(card: Card, currency: str) -> str:
    """What Stripe would call this way of paying."""
    return _DEBIT_OF.get(currency, "us_bank_account") if card.outcome is Outcome.DELAYED else "card"


def new_method(scope: Scope, card: Card, currency: str, details: Doc) -> Doc:
    """The payment method somebody typed in."""
    kind = method_type(card, currency)
    shown: Doc = {"last4": card.last4}
    if kind == "card":
        shown |= {"brand": card.brand, "country": "US", "exp_month": 12, "exp_year": _LAST_YEAR, "funding": "credit"}
    return scope.save(
        {
            "id": new_id("pm_1"),
            "object": "payment_method",
            "billing_details": {"address": None, "tax_id": None} | details,
            "created": scope.now(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            kind: shown,
        }
    )


def new_intent(scope: Scope, session: Doc) -> Doc:
    """The intent behind a session, made when the customer first tries to pay."""
    data = session["_intent_data"]
    intent_id = new_id("pi_3")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": data.get("application_fee_amount"),
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": data.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{new_id('')}",
        "confirmation_method": "automatic",
        "created": scope.now(),
        "currency": session["currency"],
        "customer": session["customer"],
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": session["payment_method_types"],
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "setup_future_usage": data.get("setup_future_usage"),
        "shipping": None,
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": data.get("transfer_group"),
        "_session": session["id"],
    }


def new_charge(scope: Scope, intent: Doc, method: Doc, card: Card, status: str) -> Doc:
    """One attempt to take the money."""
    charge_id = new_id("ch_3")
    kind = method["type"]
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": None,
        "captured": status == "succeeded",
        "created": scope.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": card.error_code if status == "failed" else None,
        "failure_message": card.message if status == "failed" else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(card, status),
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: method[kind]},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/{charge_id}" if status == "succeeded" else None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        "_card": card.number,
    }


def _outcome(card: Card, status: str) -> Doc:
    is_declined = status == "failed"
    return {
        "network_status": "declined_by_network" if is_declined else "approved_by_network",
        "reason": card.decline_code or None if is_declined else None,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if is_declined else "Payment complete.",
        "type": "issuer_declined" if is_declined else "authorized",
    }


def book_charge(scope: Scope, charge: Doc) -> None:
    """Enter a charge that succeeded into the balance, and take the application fee."""
    fee = charge["application_fee_amount"] or 0
    fees = {"stripe_fee": processing_fee(charge["amount"]), "application_fee": fee}
    entry = balance_entry(scope, "charge", charge["id"], charge["amount"], currency=charge["currency"], fees=fees)
    charge["balance_transaction"] = entry["id"]
    if fee:
        take_fee(scope, charge)


def succeed(scope: Scope, intent: Doc, charge: Doc) -> None:
    """The money is there."""
    book_charge(scope, charge)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    scope.save(charge)
    scope.save(intent)
    scope.emit("charge.succeeded", charge)
    scope.emit("payment_intent.succeeded", intent)
