"""The emulator as one web application: the API under /v1, the hosted pages, the switches under /_emulator."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from portal.devtools.stripe_emulator.admin import admin_pages
from portal.devtools.stripe_emulator.api.errors import ApiError
from portal.devtools.stripe_emulator.api.handling import AnswerDropped, Handling
from portal.devtools.stripe_emulator.api.params import decode
from portal.devtools.stripe_emulator.api.recorder import RecordedRequest
from portal.devtools.stripe_emulator.api.routes import Routes
from portal.devtools.stripe_emulator.ids import new_id
from portal.devtools.stripe_emulator.pages.onboarding import onboarding_pages
from portal.devtools.stripe_emulator.pages.pay import pay_pages
from portal.devtools.stripe_emulator.resources.table import all_routes
from portal.devtools.stripe_emulator.world import API_VERSION

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.switches.base import Switches
    from portal.devtools.stripe_emulator.world import World


def create_app(world: World, switches: Switches) -> Flask:
    """The Flask application of this world."""
    app = Flask(__name__, static_folder=None, template_folder="pages/templates")
    routes = Routes(all_routes())

    @app.route("/v1/<path:path>", methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    def api(path: str) -> Response:
        return _call(world, routes, f"/v1/{path}")

    app.jinja_env.undefined = StrictUndefined
    app.register_blueprint(pay_pages(world))
    app.register_blueprint(onboarding_pages(world))
    app.register_blueprint(admin_pages(switches))
    return app


def _call(world: World, routes: Routes, path: str) -> Response:
    recorded = RecordedRequest(
        method=request.method,
        path=path,
        params={},
        account=request.headers.get("Stripe-Account", ""),
        idempotency_key=request.headers.get("Idempotency-Key", ""),
        headers=dict(request.headers),
        request_id=new_id("req_"),
    )
    try:
        encoded = request.query_string if request.method == "GET" else request.get_data()
        recorded.params = decode(encoded.decode("utf-8", "replace"))
    except ApiError as error:
        recorded.status = error.status
        return _respond(recorded, error.status, json.dumps({"error": error.error}))
    world.recorder.add(recorded)
    try:
        answer = Handling(world, routes, recorded).answer()
    except AnswerDropped:
        return _hang_up()
    response = _respond(recorded, answer.status, json.dumps(answer.body, indent=2))
    if answer.is_replay:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = answer.original_request
    return response


def _respond(recorded: RecordedRequest, status: int, body: str) -> Response:
    response = Response(body, status, content_type="application/json")
    response.headers["Request-Id"] = recorded.request_id
    response.headers["Stripe-Version"] = recorded.headers.get("Stripe-Version", API_VERSION)
    if recorded.idempotency_key:
        response.headers["Idempotency-Key"] = recorded.idempotency_key
    if recorded.account:
        response.headers["Stripe-Account"] = recorded.account
    return response


def _hang_up() -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=200)
