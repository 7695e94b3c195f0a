"""The emulator as a web application: the token endpoint, free/busy and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from portal.devtools.google_emulator.answering import answer
from portal.devtools.google_emulator.calls import Calls

if TYPE_CHECKING:
    from portal.devtools.google_emulator.emulator import GoogleEmulator

_EVENTS = "/calendar/v3/calendars/<path:calendar_id>/events"


def create_app(world: GoogleEmulator) -> Flask:
    """The Flask application of this world."""
    app, calls = Flask(__name__, static_folder=None), Calls(world)

    @app.post("/token")
    def token() -> Response:
        return answer(world, calls.token)

    @app.post("/calendar/v3/freeBusy")
    def free_busy() -> Response:
        return answer(world, calls.free_busy)

    @app.get(_EVENTS)
    def listed(calendar_id: str) -> Response:
        return answer(world, lambda: calls.listed(calendar_id))

    @app.post(_EVENTS)
    def insert(calendar_id: str) -> Response:
        return answer(world, lambda: calls.insert(calendar_id))

    @app.route(f"{_EVENTS}/<event_id>", methods=["GET", "PUT", "PATCH", "DELETE"])
    def event(calendar_id: str, event_id: str) -> Response:
        return answer(world, lambda: calls.event(calendar_id, event_id))

    return app
