"""The platform's share of a payment on a connected account, and giving it back with refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.scope import PLATFORM

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc


def take_fee(scope: Scope, charge: Doc) -> None:
    """Record the fee of a charge that succeeded, on the platform's account."""
    platform = scope.elsewhere(PLATFORM)
    fee = platform.save(
        {
            "id": new_id("fee_1"),
            "object": "application_fee",
            "account": scope.account,
            "amount": charge["application_fee_amount"],
            "amount_refunded": 0,
            "application": None,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": scope.now(),
            "currency": charge["currency"],
            "livemode": False,
            "originating_transaction": None,
            "refunded": False,
        }
    )
    charge["application_fee"] = fee["id"]
    platform.emit("application_fee.created", fee)


def give_back_fee(scope: Scope, charge: Doc) -> str | None:
    """Refund the fee in proportion to what is refunded of the charge; the last part is the rest."""
    platform = scope.elsewhere(PLATFORM)
    fee = platform.get("application_fee", charge["application_fee"])
    owed = fee["amount"] * charge["amount_refunded"] // charge["amount"]
    part = owed - fee["amount_refunded"]
    if part <= 0:
        return None
    fee_refund = platform.save(
        {
            "id": new_id("fr_1"),
            "object": "fee_refund",
            "amount": part,
            "balance_transaction": None,
            "created": scope.now(),
            "currency": fee["currency"],
            "fee": fee["id"],
            "metadata": {},
        }
    )
    _change(platform, fee, part)
    return str(fee_refund["id"])


def take_back_fee(scope: Scope, fee_refund_id: str) -> None:
    """The refund failed: the fee is the platform's again."""
    platform = scope.elsewhere(PLATFORM)
    fee_refund = platform.get("fee_refund", fee_refund_id)
    _change(platform, platform.get("application_fee", fee_refund["fee"]), -fee_refund["amount"])


def _change(platform: Scope, fee: Doc, amount: int) -> None:
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    platform.save(fee)
    platform.emit("application_fee.refunded", fee)
