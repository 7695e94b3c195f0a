"""List endpoints: newest first, with `limit`, `starting_after`, `ending_before` and bounds on `created`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import resource_missing
from portal.devtools.stripe_emulator.api.present import present

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

_USUAL_LIMIT = 10


def list_objects(call: Call, kind: str, url: str, *filters: str) -> Doc:
    """One page of the account's objects of this kind."""
    where = {name: call.params[name] for name in filters if name in call.params}
    return page(call, kind, url, call.select(kind, **where))


def page(call: Call, kind: str, url: str, docs: list[Doc]) -> Doc:
    """One page of these documents, which come newest first."""
    matching = [doc for doc in docs if _is_within(doc.get("created", 0), call.params.get("created"))]
    limit = call.params.get("limit", _USUAL_LIMIT)
    ids = [doc["id"] for doc in matching]
    if before := call.params.get("ending_before"):
        end = _position(ids, kind, before, "ending_before")
        start = max(0, end - limit)
        has_more = start > 0
    else:
        after = call.params.get("starting_after")
        start = _position(ids, kind, after, "starting_after") + 1 if after else 0
        end = start + limit
        has_more = len(matching) > end
    expand = [name.removeprefix("data.") for name in call.params.get("expand", [])]
    data = [present(call, doc, expand) for doc in matching[start:end]]
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _position(ids: list[str], kind: str, object_id: str, param: str) -> int:
    if object_id not in ids:
        raise resource_missing(kind, object_id, param)
    return ids.index(object_id)


def _is_within(instant: int, bounds: Doc | int | None) -> bool:
    if bounds is None:
        return True
    if isinstance(bounds, int):
        return instant == bounds
    return bool(
        instant > bounds.get("gt", -1)
        and instant >= bounds.get("gte", 0)
        and instant < bounds.get("lt", instant + 1)
        and instant <= bounds.get("lte", instant)
    )
