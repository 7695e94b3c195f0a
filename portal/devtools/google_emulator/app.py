"""The emulator as a web application: the token endpoint, free/busy and events, each call with the fault it meets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request

from portal.devtools.google_emulator.calls import Calls
from portal.devtools.google_emulator.errors import ApiError, TokenError, injected
from portal.devtools.google_emulator.faults import AnyFault, FaultKind

if TYPE_CHECKING:
    from portal.devtools.google_emulator.calendars import Doc
    from portal.devtools.google_emulator.emulator import GoogleEmulator

_EVENTS = "/calendar/v3/calendars/<path:calendar_id>/events"
Act = Callable[[], "Doc | None"]


def create_app(world: GoogleEmulator) -> Flask:
    """The Flask application of this world."""
    app, calls = Flask(__name__, static_folder=None), Calls(world)

    @app.post("/token")
    def token() -> Response:
        return _answer(world, calls.token)

    @app.post("/calendar/v3/freeBusy")
    def free_busy() -> Response:
        return _answer(world, calls.free_busy)

    @app.get(_EVENTS)
    def listed(calendar_id: str) -> Response:
        return _answer(world, lambda: calls.listed(calendar_id))

    @app.post(_EVENTS)
    def insert(calendar_id: str) -> Response:
        return _answer(world, lambda: calls.insert(calendar_id))

    @app.route(f"{_EVENTS}/<event_id>", methods=["GET", "PUT", "PATCH", "DELETE"])
    def event(calendar_id: str, event_id: str) -> Response:
        return _answer(world, lambda: calls.event(calendar_id, event_id))

    return app


def _answer(world: GoogleEmulator, act: Act) -> Response:
    world.calls.append((request.method, request.path))
    fault = world.faults.take(request.method, request.path)
    if fault is None:
        return _worked(world, act)
    if not fault.is_after_work:
        _wait(world, fault)
    if fault.kind is FaultKind.ERROR and not fault.is_after_work:
        return _injected(fault)
    response = _worked(world, act)
    if fault.is_after_work:
        _wait(world, fault)
    if fault.kind is FaultKind.ERROR:
        return _injected(fault)
    return _hang_up() if fault.kind is FaultKind.DROP_ANSWER else response


def _worked(world: GoogleEmulator, act: Act) -> Response:
    with world.calendars.lock:
        try:
            body = act()
        except (ApiError, TokenError) as error:
            return _json(error.body, error.status)
        return Response(status=204) if body is None else _json(body, 200)


def _json(body: Doc, status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _injected(fault: AnyFault) -> Response:
    error = injected(fault.status, getattr(fault, "reason", ""))
    return _json(error.body, error.status)


def _wait(world: GoogleEmulator, fault: AnyFault) -> None:
    if fault.kind is FaultKind.HANG:
        world.stopping.wait(fault.seconds)


def _hang_up() -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=200)
