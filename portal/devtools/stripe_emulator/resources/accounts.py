"""Accounts: the platform's own, and connected ones with their onboarding links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import FORBIDDEN, ApiError
from portal.devtools.stripe_emulator.api.listing import list_objects
from portal.devtools.stripe_emulator.api.metadata import merge_metadata
from portal.devtools.stripe_emulator.api.routes import lists, reads, writes
from portal.devtools.stripe_emulator.api.schema import (
    EXPAND,
    Hash,
    anything,
    choice,
    email,
    listing,
    metadata,
    text,
    url,
)
from portal.devtools.stripe_emulator.engine.onboarding import new_account, new_link, platform_account

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "account"
_URL = "/v1/accounts"

_FIELDS = {
    "business_profile": anything,
    "business_type": choice("company", "government_entity", "individual", "non_profit"),
    "capabilities": anything,
    "company": anything,
    "controller": anything,
    "country": text(2),
    "default_currency": text(3),
    "email": email,
    "expand": EXPAND,
    "individual": anything,
    "metadata": metadata,
    "settings": anything,
    "tos_acceptance": anything,
    "type": choice("custom", "express", "standard"),
}

_LINK = Hash(
    {
        "account": text(),
        "collect": choice("currently_due", "eventually_due"),
        "collection_options": anything,
        "expand": EXPAND,
        "refresh_url": url,
        "return_url": url,
        "type": choice("account_onboarding", "account_update"),
    },
    required=("account", "type"),
)


def _create(call: Call) -> Doc:
    account = call.save(new_account(call, call.params))
    call.elsewhere(account["id"]).emit("account.updated", account)
    return account


def _retrieve(call: Call) -> Doc:
    found = call.elsewhere("").find(KIND, call.object_id)
    if found is None or call.account not in ("", found["id"]):
        raise ApiError(
            f"The provided key does not have access to account '{call.object_id}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=FORBIDDEN,
            code="account_invalid",
        )
    return found


def _retrieve_own(call: Call) -> Doc:
    return call.elsewhere("").get(KIND, call.account) if call.account else platform_account(call)


def _update(call: Call) -> Doc:
    account = _retrieve(call)
    changes = {name: value for name, value in call.params.items() if name not in ("expand", "metadata")}
    merged = merge_metadata(account["metadata"], call.params.get("metadata"))
    account |= changes | {"metadata": merged}
    call.elsewhere("").save(account)
    call.elsewhere(account["id"]).emit("account.updated", account)
    return account


def _list(call: Call) -> Doc:
    return list_objects(call, KIND, _URL)


def _create_link(call: Call) -> Doc:
    return new_link(call, call.get(KIND, call.params["account"], "account"), call.params)


ROUTES = [
    reads("/v1/account", Hash({"expand": EXPAND}), _retrieve_own),
    writes(_URL, Hash(_FIELDS), _create),
    lists(_URL, listing(), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
    writes(_URL + "/{id}", Hash({name: check for name, check in _FIELDS.items() if name != "type"}), _update),
    writes("/v1/account_links", _LINK, _create_link),
]
