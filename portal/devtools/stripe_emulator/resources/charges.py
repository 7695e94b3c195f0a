"""Charges: retrieve, update, list, and the refunds of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.listing import list_objects, page
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import EXPAND, Hash, listing, metadata, text

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "charge"
_URL = "/v1/charges"


def _retrieve(call: Call) -> Doc:
    return call.get(KIND, call.object_id)


def _update(call: Call) -> Doc:
    charge = _retrieve(call)
    charge["metadata"] = merge_metadata(charge["metadata"], call.params.get("metadata"))
    charge["description"] = call.params.get("description", charge["description"])
    call.save(charge)
    call.emit("charge.updated", charge)
    return charge


def _list(call: Call) -> Doc:
    return list_objects(call, KIND, _URL, "payment_intent", "customer")


def _refunds(call: Call) -> Doc:
    charge = _retrieve(call)
    return page(call, "refund", f"{_URL}/{charge['id']}/refunds", call.select("refund", charge=charge["id"]))


ROUTES = [
    lists(_URL, listing(payment_intent=text(), customer=text()), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
    writes(_URL + "/{id}", Hash({"expand": EXPAND, "metadata": metadata, "description": text()}), _update),
    lists(_URL + "/{id}/refunds", listing(), _refunds),
]
