"""Events: retrieve and list those of the account that asks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.listing import page
from portal.devtools.stripe_emulator.api.routes import lists, reads
from portal.devtools.stripe_emulator.api.schema import EXPAND, Hash, array, boolean, listing, text

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

KIND = "event"
_URL = "/v1/events"


def _retrieve(call: Call) -> Doc:
    event = call.get(KIND, call.object_id)
    return event | {"pending_webhooks": call.world.outbox.owed(event["id"])}


def _list(call: Call) -> Doc:
    wanted = [call.params["type"]] if "type" in call.params else call.params.get("types", ["*"])
    matching = [event for event in call.select(KIND) if any(fnmatchcase(event["type"], pattern) for pattern in wanted)]
    if "delivery_success" in call.params:
        matching = [
            event for event in matching if (call.world.outbox.owed(event["id"]) == 0) == call.params["delivery_success"]
        ]
    return page(call, KIND, _URL, matching)


ROUTES = [
    lists(_URL, listing(type=text(), types=array(text(), 20), delivery_success=boolean), _list),
    reads(_URL + "/{id}", Hash({"expand": EXPAND}), _retrieve),
]
