"""Objects that are only read: application fees, balance transactions, payment methods, disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.listing import list_objects
from portal.devtools.stripe_emulator.api.routes import Route, lists, reads
from portal.devtools.stripe_emulator.api.schema import EXPAND, Hash, listing, text

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc


def _read_only(kind: str, url: str, *filters: str) -> list[Route]:
    def retrieve(call: Call) -> Doc:
        return call.get(kind, call.object_id)

    def list_all(call: Call) -> Doc:
        return list_objects(call, kind, url, *filters)

    return [
        lists(url, listing(**{name: text() for name in filters}), list_all),
        reads(url + "/{id}", Hash({"expand": EXPAND}), retrieve),
    ]


ROUTES = [
    *_read_only("application_fee", "/v1/application_fees", "charge"),
    *_read_only("balance_transaction", "/v1/balance_transactions", "source", "type"),
    *_read_only("payment_method", "/v1/payment_methods", "type"),
    *_read_only("dispute", "/v1/disputes", "charge", "payment_intent"),
]
