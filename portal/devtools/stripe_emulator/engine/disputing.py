"""Disputes: the bank takes a payment back, and the account wins or loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.engine.balance import balance_entry
from portal.devtools.stripe_emulator.ids import new_id

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc

_RESPONSE_TIME = 7 * 24 * 60 * 60


def open_dispute(scope: Scope, charge: Doc, amount: int, reason: str) -> Doc:
    """The customer's bank withdraws the amount."""
    with scope.world.store.transaction():
        dispute: Doc = {
            "id": new_id("du_1"),
            "object": "dispute",
            "amount": amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "created": scope.now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {
                "due_by": scope.now() + _RESPONSE_TIME,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        }
        charge["disputed"] = True
        scope.save(charge)
        scope.save(dispute)
        scope.emit("charge.dispute.created", dispute)
        _move_funds(scope, dispute, -amount)
        scope.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute


def close_dispute(scope: Scope, dispute_id: str, *, is_won: bool) -> Doc:
    """The bank has decided; what was won comes back."""
    with scope.world.store.transaction():
        dispute = scope.get("dispute", dispute_id)
        dispute["status"] = "won" if is_won else "lost"
        scope.save(dispute)
        scope.emit("charge.dispute.closed", dispute)
        if is_won:
            _move_funds(scope, dispute, dispute["amount"])
            scope.emit("charge.dispute.funds_reinstated", dispute)
        return dispute


def _move_funds(scope: Scope, dispute: Doc, amount: int) -> None:
    entry = balance_entry(scope, "adjustment", dispute["id"], amount, currency=dispute["currency"])
    dispute["balance_transactions"] = [*dispute["balance_transactions"], entry]
    scope.save(dispute)
