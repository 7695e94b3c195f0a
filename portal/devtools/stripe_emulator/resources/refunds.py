"""Refunds: create by payment intent or charge, retrieve, update, list, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import ApiError, refused_parameter
from portal.devtools.stripe_emulator.api.listing import list_objects
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import (
    EXPAND,
    Hash,
    boolean,
    choice,
    email,
    integer,
    listing,
    metadata,
    text,
)
from portal.devtools.stripe_emulator.engine import refunding

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "refund"
_URL = "/v1/refunds"

_CREATE = Hash(
    {
        "amount": integer(1),
        "charge": text(),
        "expand": EXPAND,
        "instructions_email": email,
        "metadata": metadata,
        "payment_intent": text(),
        "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
        "refund_application_fee": boolean,
        "reverse_transfer": boolean,
    }
)


def _create(call: Call) -> Doc:
    return refunding.refund(call, _charge(call), call.params)


def _charge(call: Call) -> Doc:
    if "charge" in call.params:
        return call.get("charge", call.params["charge"], "charge")
    if "payment_intent" not in call.params:
        raise refused_parameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            "payment_intent",
            "parameter_missing",
        )
    intent = call.get("payment_intent", call.params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return call.get("charge", intent["latest_charge"])


def _retrieve(call: Call) -> Doc:
    return call.get(KIND, call.object_id, "refund")


def _update(call: Call) -> Doc:
    refund = _retrieve(call)
    refund["metadata"] = merge_metadata(refund["metadata"], call.params.get("metadata"))
    call.save(refund)
    call.emit("refund.updated", refund)
    return refund


def _cancel(call: Call) -> Doc:
    # Stripe cancels only refunds that wait for the customer to act; ours never do.
    refund = _retrieve(call)
    raise ApiError(f"You cannot cancel the refund {refund['id']}: it has a status of {refund['status']}.")


def _list(call: Call) -> Doc:
    return list_objects(call, KIND, _URL, "payment_intent", "charge")


ROUTES = [
    writes(_URL, _CREATE, _create),
    lists(_URL, listing(payment_intent=text(), charge=text()), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
    writes(_URL + "/{id}", Hash({"expand": EXPAND, "metadata": metadata}), _update),
    writes(_URL + "/{id}/cancel", Hash({"expand": EXPAND}), _cancel),
]
