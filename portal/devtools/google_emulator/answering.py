"""Each call with the fault that it meets: an error, a wait, an answer that is lost before or after the work."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from portal.devtools.google_emulator.errors import ApiError, TokenError, injected
from portal.devtools.google_emulator.faults import AnyFault, FaultKind

if TYPE_CHECKING:
    from portal.devtools.google_emulator.emulator import GoogleEmulator
    from portal.devtools.google_emulator.times import Doc

Act = Callable[[], "Doc | None"]


def answer(world: GoogleEmulator, act: Act) -> Response:
    """Carry out a call, or what was ordered to go wrong with it."""
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
