"""The emulator as a web application: sending, searching, suppressions, each call with the fault it meets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

from portal.devtools.postmark_emulator import errors
from portal.devtools.postmark_emulator.errors import ApiError
from portal.devtools.postmark_emulator.faults import AnyFault, FaultKind

if TYPE_CHECKING:
    from portal.devtools.postmark_emulator.emulator import PostmarkEmulator
    from portal.devtools.postmark_emulator.mails import Doc

_TOKEN = "X-Postmark-Server-Token"  # noqa: S105  the name of a header
Act = Callable[[], "Doc"]


def create_app(world: PostmarkEmulator) -> Flask:
    """The Flask application of this world."""
    app = Flask(__name__, static_folder=None)

    @app.post("/email")
    def email() -> Response:
        return _answer(world, lambda: _email(world))

    @app.get("/messages/outbound")
    def outbound() -> Response:
        return _answer(world, lambda: _outbound(world))

    @app.post("/message-streams/<stream>/suppressions/delete")
    def welcome(stream: str) -> Response:
        return _answer(world, lambda: _welcome(world, stream))

    return app


def _email(world: PostmarkEmulator) -> Doc:
    taken = world.mails.take(_body())
    world.tell(taken["MessageID"], "Delivery")
    return {
        "To": taken["To"],
        "SubmittedAt": taken["ReceivedAt"],
        "MessageID": taken["MessageID"],
        "ErrorCode": 0,
        "Message": "OK",
    }


def _outbound(world: PostmarkEmulator) -> Doc:
    found = world.mails.found(request.args)
    first, most = int(request.args["offset"]), int(request.args["count"])
    shown = ("MessageID", "MessageStream", "Subject", "Metadata", "ReceivedAt", "From")
    return {
        "TotalCount": len(found),
        "Messages": [
            {**{name: mail.get(name) for name in shown}, "Recipients": [mail["Recipient"]], "Status": "Sent"}
            for mail in found[first : first + most]
        ],
    }


def _welcome(world: PostmarkEmulator, stream: str) -> Doc:
    asked = [each["EmailAddress"] for each in _body()["Suppressions"]]
    return {"Suppressions": [world.mails.welcome(stream, address) for address in asked]}


def _body() -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise ApiError(errors.UNPROCESSABLE, 402, "The JSON input is not well-formed.")
    return given


def _answer(world: PostmarkEmulator, act: Act) -> Response:
    world.calls.append((request.method, request.path))
    fault = world.faults.take(request.method, request.path)
    if fault is None:
        return _worked(world, act)
    if not fault.is_after_work and fault.kind is FaultKind.HANG:
        world.stopping.wait(fault.seconds)
        return _unheard(world, act)
    if not fault.is_after_work and fault.kind is FaultKind.ERROR:
        return _failed(_injected(fault))
    _unheard(world, act)
    if fault.kind is FaultKind.HANG:
        world.stopping.wait(fault.seconds)
    return _failed(_injected(fault)) if fault.kind is FaultKind.ERROR else _hang_up()


def _unheard(world: PostmarkEmulator, act: Act) -> Response:
    """Do the work for somebody who has stopped listening."""
    with world.mails.lock:
        before = len(world.mails.taken)
        answer = _worked(world, act)
        world.answers_lost += len(world.mails.taken) - before
        return answer


def _worked(world: PostmarkEmulator, act: Act) -> Response:
    with world.mails.lock:
        try:
            if request.headers.get(_TOKEN) != world.token:
                raise errors.bad_token()
            return jsonify(act())
        except ApiError as error:
            return _failed(error)


def _failed(error: ApiError) -> Response:
    response = jsonify(error.body)
    response.status_code = error.status
    return response


def _injected(fault: AnyFault) -> ApiError:
    return errors.injected(fault.status, getattr(fault, "code", 0))


def _hang_up() -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=200)
