"""Documents as the API shows them: without the emulator's notes, with what was asked to be expanded.

Links to the emulator's own pages are filled in here, because its address may differ after a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.devtools.stripe_emulator.api.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.devtools.stripe_emulator.scope import Scope
    from portal.devtools.stripe_emulator.store import Doc
    from portal.devtools.stripe_emulator.world import World

_KIND_OF = {
    "application_fee": "application_fee",
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "failure_balance_transaction": "balance_transaction",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "originating_transaction": "charge",
}
_DEEPEST = 4


def public(world: World, doc: Doc) -> Doc:
    """The document without private notes."""
    shown = {key: value for key, value in doc.items() if not key.startswith("_")}
    if doc["object"] == "checkout.session":
        shown["url"] = f"{world.base_url}/c/pay/{doc['id']}" if doc["status"] == "open" else None
    return shown


def present(scope: Scope, doc: Doc, expand: list[str]) -> Doc:
    """The public document with the named fields replaced by their objects."""
    shown = public(scope.world, doc)
    for path in expand:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise ApiError(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}",
                param="expand",
                is_kept=False,
            )
        _expand(scope, doc, shown, steps, path)
    return shown


def _expand(scope: Scope, doc: Doc, shown: Doc, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if (doc["object"], name) in _INCLUDED:
        shown.setdefault(name, _INCLUDED[doc["object"], name](scope, doc))
        for position, item in enumerate(shown[name]["data"] if rest[:1] == ["data"] and rest[1:] else []):
            original = scope.find(item["object"], item["id"]) or item
            _expand(scope, original, shown[name]["data"][position], rest[1:], path)
        return
    if name not in _KIND_OF or name not in doc:
        raise ApiError(f"This property cannot be expanded ({path}).", param="expand", is_kept=False)
    if doc[name] is None:
        return
    inner = scope.get(_KIND_OF[name], doc[name])
    if not isinstance(shown[name], dict):
        shown[name] = public(scope.world, inner)
    if rest:
        _expand(scope, inner, shown[name], rest, path)


def collection(scope: Scope, url: str, docs: list[Doc], *, has_more: bool = False) -> Doc:
    """A list object."""
    return {"object": "list", "data": [public(scope.world, doc) for doc in docs], "has_more": has_more, "url": url}


def _line_items(scope: Scope, doc: Doc) -> Doc:
    return collection(scope, f"/v1/checkout/sessions/{doc['id']}/line_items", doc["_line_items"])


def _refunds(scope: Scope, doc: Doc) -> Doc:
    return collection(scope, f"/v1/charges/{doc['id']}/refunds", scope.select("refund", charge=doc["id"]))


_INCLUDED: dict[tuple[str, str], Callable[[Any, Doc], Doc]] = {
    ("checkout.session", "line_items"): _line_items,
    ("charge", "refunds"): _refunds,
}
