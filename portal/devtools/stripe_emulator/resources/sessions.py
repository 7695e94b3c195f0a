"""Checkout Sessions: create, retrieve, update, list, their line items, expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import ApiError
from portal.devtools.stripe_emulator.api.listing import page
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import EXPAND, Check, Hash, choice, email, listing, metadata, text
from portal.devtools.stripe_emulator.engine.expiring import expire
from portal.devtools.stripe_emulator.resources.session_making import make_session
from portal.devtools.stripe_emulator.resources.session_params import CREATE

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "checkout.session"
_URL = "/v1/checkout/sessions"


def _create(call: Call) -> Doc:
    return call.save(make_session(call))


def _retrieve(call: Call) -> Doc:
    return call.get(KIND, call.object_id, "session")


def _update(call: Call) -> Doc:
    session = _retrieve(call)
    session["metadata"] = merge_metadata(session["metadata"], call.params.get("metadata"))
    return call.save(session)


def _expire(call: Call) -> Doc:
    session = _retrieve(call)
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`."
        )
    return expire(call, session)


def _list(call: Call) -> Doc:
    email_filter = call.params.get("customer_details", {})
    where: Doc = {name: call.params[name] for name in ("payment_intent", "customer", "status") if name in call.params}
    where |= {f"customer_details.{name}": value for name, value in email_filter.items()}
    return page(call, KIND, _URL, call.select(KIND, **where))


def _line_items(call: Call) -> Doc:
    session = _retrieve(call)
    newest_first = list(reversed(session["_line_items"]))
    shown = page(call, "item", f"{_URL}/{session['id']}/line_items", newest_first)
    return shown | {"data": list(reversed(shown["data"]))}


_FILTERS: dict[str, Check] = {
    "payment_intent": text(),
    "customer": text(),
    "customer_details": Hash({"email": email}),
    "status": choice("complete", "expired", "open"),
}

ROUTES = [
    writes(_URL, CREATE, _create),
    lists(_URL, listing(**_FILTERS), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
    writes(_URL + "/{id}", Hash({"expand": EXPAND, "metadata": metadata}), _update),
    writes(_URL + "/{id}/expire", Hash({"expand": EXPAND}), _expire),
    lists(_URL + "/{id}/line_items", listing(), _line_items),
]
