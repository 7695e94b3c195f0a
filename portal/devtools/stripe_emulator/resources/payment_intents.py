"""PaymentIntents: retrieve, update, list. They are made by paying a Checkout Session, never here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.listing import list_objects
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import EXPAND, Hash, listing, metadata, text

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "payment_intent"
_URL = "/v1/payment_intents"


def _retrieve(call: Call) -> Doc:
    return call.get(KIND, call.object_id, "intent")


def _update(call: Call) -> Doc:
    intent = _retrieve(call)
    intent["metadata"] = merge_metadata(intent["metadata"], call.params.get("metadata"))
    intent["description"] = call.params.get("description", intent["description"])
    return call.save(intent)


def _list(call: Call) -> Doc:
    return list_objects(call, KIND, _URL, "customer")


ROUTES = [
    lists(_URL, listing(customer=text()), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND, "client_secret": text()}), _retrieve),
    writes(_URL + "/{id}", Hash({"expand": EXPAND, "metadata": metadata, "description": text()}), _update),
]
