"""Customers: create, retrieve, update, list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.listing import list_objects
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import EXPAND, Hash, anything, array, email, listing, metadata, text
from portal.devtools.stripe_emulator.ids import new_id

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call, Scope
    from portal.devtools.stripe_emulator.store import Doc

KIND = "customer"
_URL = "/v1/customers"

_FIELDS = {
    "address": anything,
    "description": text(may_be_empty=True),
    "email": email,
    "expand": EXPAND,
    "metadata": metadata,
    "name": text(256, may_be_empty=True),
    "phone": text(20, may_be_empty=True),
    "preferred_locales": array(text(20)),
    "shipping": anything,
}


def new_customer(scope: Scope, given: Doc) -> Doc:
    """A customer with these fields; the rest is empty."""
    return {
        "id": new_id("cus_"),
        "object": KIND,
        "address": given.get("address"),
        "balance": 0,
        "created": scope.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": given.get("description"),
        "email": given.get("email"),
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "preferred_locales": given.get("preferred_locales", []),
        "shipping": given.get("shipping"),
        "tax_exempt": "none",
    }


def _create(call: Call) -> Doc:
    customer = call.save(new_customer(call, call.params))
    call.emit("customer.created", customer)
    return customer


def _retrieve(call: Call) -> Doc:
    return call.get(KIND, call.object_id)


def _update(call: Call) -> Doc:
    customer = _retrieve(call)
    changes = {key: value or None for key, value in call.params.items() if key not in ("expand", "metadata")}
    merged = merge_metadata(customer["metadata"], call.params.get("metadata"))
    customer |= changes | {"metadata": merged}
    call.save(customer)
    call.emit("customer.updated", customer)
    return customer


def _list(call: Call) -> Doc:
    return list_objects(call, KIND, _URL, "email")


ROUTES = [
    writes(_URL, Hash(_FIELDS), _create),
    lists(_URL, listing(email=email), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
    writes(_URL + "/{id}", Hash(_FIELDS), _update),
]
