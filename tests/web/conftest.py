"""A browser and a site for it; an application with pages that do what real ones must not; one as in production."""

from collections.abc import Iterator

import pytest
from flask import Blueprint, Response, flash, session
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from portal import factory
from portal.db import database
from portal.kernel import errors
from portal.kernel.ids import uuid7
from portal.settings import Settings
from portal.web import render, tenant
from portal.web.application import Application
from portal.web.forms import single
from tests.support import browser

bp = Blueprint("lab", __name__)
ERRORS = {
    "missing": errors.NotFound("We know no such thing."),
    "forbidden": errors.Forbidden("This is not yours."),
    "gone": errors.Gone("This link is used up."),
    "taken": errors.DateTaken("That day is taken."),
    "invalid": errors.Invalid("Please look again."),
    "busy": errors.Busy("Please try again."),
    "too-many": errors.TooMany("Please wait.", seconds=17),
    "down": errors.Unavailable("We cannot reach our records."),
    "bare": errors.PortalError("Something of a new kind."),
}


@bp.get("/lab/error/<kind>")
def fail(kind: str) -> Response:
    """Raise the error of that name, or one that nobody expects."""
    if kind in ERRORS:
        raise ERRORS[kind]
    msg = "secret inside"
    raise ZeroDivisionError(msg)


@bp.get("/t/<slug>/lab/write")
def write(slug: str) -> Response:
    """A page that tries to write."""
    del slug
    database.execute("UPDATE resource SET name = 'Changed'")
    return Response("written")


@bp.get("/t/<slug>/lab/scope")
def scope(slug: str) -> Response:
    """What is open around a page."""
    del slug
    found = database.current_scope()
    is_read_only = database.value("SHOW transaction_read_only")
    return Response(f"{found.tenant_id} {tenant.current().id} {is_read_only}")


@bp.post("/t/<slug>/lab/scope")
def post(slug: str) -> Response:
    """What is open around a form's view."""
    del slug
    return Response(f"{database.is_open()} {tenant.current().id}")


@bp.get("/lab/touch")
def touch() -> Response:
    """A page without a tenant that asks for one."""
    return Response(str(tenant.known()))


@bp.get("/lab/flash")
def flashed() -> Response:
    """A page that leaves a message for the next one."""
    flash("It is done.", "good")
    return Response("left")


@bp.get("/lab/form")
def form() -> Response:
    """A page with a form."""
    return Response(render.text("lab.html") if "x" in session else "no")


@bp.post("/lab/form")
def take() -> Response:
    """Read one field."""
    from flask import request

    return Response(single(request.form, "name"))


@bp.get("/lab/undefined")
def undefined() -> Response:
    """A template that lacks a variable."""
    return render.render("macros/links.html", tenant=None)


@pytest.fixture(scope="session")
def lab_app(connected: Settings) -> Application:
    """The application with the pages above."""
    app = factory.create_app(connected)
    app.register_blueprint(bp)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def lab(lab_app: Application) -> FlaskClient:
    """A client of it."""
    return lab_app.test_client()


@pytest.fixture
def production(environment: dict[str, str], connected: Settings) -> Iterator[Application]:
    """The application with production's settings, on the database of the tests."""
    changed = {
        "APP_ENV": "production",
        "SECRETS_KEY": f"1:{'A' * 43}=",
        "GOOGLE_API_BASE": "",
        "BASE_URL": "https://book.example",
        "STRIPE_API_BASE": "",
        "POSTMARK_SERVER_TOKEN": uuid7().hex,
        "MAIL_FROM": "Aisle <aisle@book.example>",
        "TRUSTED_PROXIES": "1",
    }
    app = factory.create_app(Settings.from_env({**environment, **changed}))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    factory.connect(connected)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; ``tests.support.windows`` opens windows of it."""
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(app: Application) -> Iterator[str]:
    """The address at which the application answers it."""
    with browser.served(app) as url:
        yield url
