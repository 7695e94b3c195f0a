"""Movements on an account's balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.ids import new_id

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc


def balance_entry(
    scope: Scope, kind: str, source: str, amount: int, *, currency: str, fees: dict[str, int] | None = None
) -> Doc:
    """Record a movement; `fees` are amounts by kind of fee."""
    taken = {name: fee for name, fee in (fees or {}).items() if fee}
    details = [
        {"amount": fee, "application": None, "currency": currency, "description": None, "type": name}
        for name, fee in taken.items()
    ]
    return scope.save(
        {
            "id": new_id("txn_3"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": scope.now(),
            "balance_type": "payments",
            "created": scope.now(),
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": sum(taken.values()),
            "fee_details": details,
            "net": amount - sum(taken.values()),
            "reporting_category": kind,
            "source": source,
            "status": "available",
            "type": kind,
        }
    )
