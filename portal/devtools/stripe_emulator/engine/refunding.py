"""Refunds: never more than is left of a charge, and what happens to them later.

A refund that fails gives its amount back to what is left, and the application fee that went with it to the platform.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import ApiError
from portal.devtools.stripe_emulator.cards import CARD_REFUND_FAILS, CARD_REFUND_PENDING
from portal.devtools.stripe_emulator.engine.application_fees import give_back_fee, take_back_fee
from portal.devtools.stripe_emulator.engine.balance import balance_entry
from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.money import display
from portal.devtools.stripe_emulator.scope import Scope

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World


def refund(scope: Scope, charge: Doc, given: Doc) -> Doc:
    """Give back part of the charge, or all that is left of it."""
    with scope.world.store.transaction():
        amount = _allowed_amount(charge, given.get("amount"))
        is_fee_given_back = bool(given.get("refund_application_fee"))
        if is_fee_given_back and not charge["application_fee"]:
            raise ApiError(
                f"Attempting to refund_application_fee on charge {charge['id']}, but it has no application fee",
                param="refund_application_fee",
            )
        made = _new_refund(scope, charge, amount, given)
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        if is_fee_given_back:
            made["_fee"] = give_back_fee(scope, charge)
        scope.save(charge)
        scope.save(made)
        scope.emit("refund.created", made)
        scope.emit("charge.refunded", charge)
        if made["status"] == "failed":
            _fail(scope, made, "unknown")
        return made


def settle_refund(scope: Scope, refund_id: str, *, is_success: bool, reason: str = "unknown") -> Doc:
    """A pending refund succeeds, or a refund (one that had succeeded included) fails."""
    with scope.world.store.transaction():
        made = scope.get("refund", refund_id)
        if made["status"] in ("failed", "canceled") or (is_success and made["status"] == "succeeded"):
            raise ValueError(f"refund {refund_id} is {made['status']} already")
        made["_settles_at"] = None
        if not is_success:
            _fail(scope, made, reason)
            return made
        made |= {"status": "succeeded", "pending_reason": None}
        scope.save(made)
        _emit_updated(scope, made)
        return made


def settle_due_refunds(world: World) -> None:
    """What the test cards announce happens a moment after the refund."""
    with world.store.transaction():
        rows = world.store.execute(
            "SELECT account, body FROM object WHERE kind = 'refund' AND json_extract(body, '$._settles_at') <= ?",
            time.time(),
        )
        for row in rows:
            made = json.loads(row["body"])
            settle_refund(Scope(world, row["account"]), made["id"], is_success=made["status"] == "pending")


def _allowed_amount(charge: Doc, asked: int | None) -> int:
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} has not succeeded and cannot be refunded.", code="charge_not_refundable")
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if asked is not None and asked > left:
        currency = charge["currency"]
        what = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        raise ApiError(
            f"Refund amount ({display(asked, currency)}) is greater than {what} ({display(left, currency)})",
            param="amount",
        )
    return left if asked is None else asked


def _new_refund(scope: Scope, charge: Doc, amount: int, given: Doc) -> Doc:
    refund_id = new_id("re_3")
    status = scope.world.behaviour.refund_status
    if charge["_card"] == CARD_REFUND_PENDING:
        status = "pending"
    delay = scope.world.behaviour.delayed_after_seconds
    is_settled_later = charge["_card"] in (CARD_REFUND_PENDING, CARD_REFUND_FAILS) and delay is not None
    entry = balance_entry(scope, "refund", refund_id, -amount, currency=charge["currency"])
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": entry["id"],
        "charge": charge["id"],
        "created": scope.now(),
        "currency": charge["currency"],
        "description": None,
        "destination_details": {"type": "card", "card": {"reference_status": "pending", "type": "refund"}},
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if status == "pending" else None,
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
        "_fee": None,
        "_settles_at": time.time() + delay if is_settled_later and delay is not None else None,
    }


def _fail(scope: Scope, made: Doc, reason: str) -> None:
    entry = balance_entry(scope, "refund_failure", made["id"], made["amount"], currency=made["currency"])
    made |= {
        "status": "failed",
        "failure_reason": reason,
        "failure_balance_transaction": entry["id"],
        "pending_reason": None,
        "_settles_at": None,
    }
    charge = scope.get("charge", made["charge"])
    charge["amount_refunded"] -= made["amount"]
    charge["refunded"] = False
    if made["_fee"]:
        take_back_fee(scope, made["_fee"])
    scope.save(charge)
    scope.save(made)
    scope.emit("refund.failed", made)
    _emit_updated(scope, made)


def _emit_updated(scope: Scope, made: Doc) -> None:
    scope.emit("refund.updated", made)
    scope.emit("charge.refund.updated", made)
