"""The switches over HTTP: `POST /_emulator/<switch>` with a JSON object of its arguments, answered
with `{"result": …}`.

`GET /_emulator` lists them. The emulator listens on this machine alone, so nobody is asked who they are.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from portal.devtools.stripe_emulator.api.errors import BAD_REQUEST, NOT_FOUND, ApiError
from portal.devtools.stripe_emulator.engine.paying import NotPayable

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from portal.devtools.stripe_emulator.switches.base import Switches


def switches_of(switches: Switches) -> dict[str, Any]:
    """The public methods that are switches, by name."""
    own = (base for base in type(switches).__mro__ if base.__module__.startswith(f"{__package__}.switches."))
    names = {name for base in own for name, value in vars(base).items() if inspect.isfunction(value)}
    return {name: getattr(switches, name) for name in sorted(names) if not name.startswith("_")}


def admin_pages(switches: Switches) -> Blueprint:
    """The blueprint with the switches."""
    pages = Blueprint("switches", __name__, url_prefix="/_emulator")
    available = switches_of(switches)

    @pages.get("")
    def index() -> ResponseReturnValue:
        return jsonify({name: str(inspect.signature(switch)) for name, switch in available.items()})

    @pages.post("/<name>")
    def throw(name: str) -> ResponseReturnValue:
        if name not in available:
            return jsonify({"error": f"no switch named {name}"}), NOT_FOUND
        arguments = request.get_json(silent=True) or {}
        try:
            return jsonify({"result": available[name](**arguments)})
        except (ApiError, NotPayable, LookupError, TypeError, ValueError) as problem:
            return jsonify({"error": str(problem)}), BAD_REQUEST

    return pages
