"""P28: a page that writes is seen, whoever looks at it and however it does; the work of others is told apart."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg2
import pytest
from flask import Blueprint, Response, request

from portal import factory
from portal.db import database
from portal.kernel import time
from portal.promises import checker
from portal.promises.violations import Violation
from portal.settings import Settings
from portal.web import login, tenant
from portal.web.application import Application
from portal.web.visits import Visits
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support import people

bp = Blueprint("leaky", __name__, url_prefix="/t/<slug>/leaky")
ARMED: set[str] = set()
NOTE = "UPDATE booking SET notes = 'seen'"
COUNT = "UPDATE blackout_date SET note = note || '.'"


def write(statement: str) -> Response:
    """What a page must not do, in a transaction of its own; unless it is armed it does nothing."""
    if request.endpoint and request.endpoint.removeprefix("leaky.") in ARMED:
        tenant_id = tenant.current().id
        database.after_reading(lambda: _write(tenant_id, statement), reason="a mutant")
    return Response("seen")


def _write(tenant_id: UUID, statement: str) -> None:
    with database.writing(tenant_id):
        database.execute(statement)


@bp.get("/packages/<package>")
def of_a_package(slug: str, package: str) -> Response:
    """Counts who looks at a real package."""
    del slug
    return write(COUNT if package == "whole-day" else "SELECT 1")


@bp.get("/bookings/<reference>")
def once(slug: str, reference: str) -> Response:
    """Writes only when a booking is looked at for the first time."""
    del slug
    is_new = database.value("SELECT 1 FROM booking WHERE reference = %s AND notes <> 'seen'", reference)
    return write(NOTE if is_new else "SELECT 1")


@bp.get("/members")
def of_members(slug: str) -> Response:
    """Writes for people who are logged in."""
    del slug
    return write(COUNT if login.who() else "SELECT 1")


@bp.get("/head")
def of_machines(slug: str) -> Response:
    """Writes when it is asked for its headers alone."""
    del slug
    return write(COUNT if request.method == "HEAD" else "SELECT 1")


@bp.route("/options", methods=["OPTIONS"])
def of_options(slug: str) -> Response:
    """Writes when it is asked what it can do."""
    del slug
    return write(COUNT)


@bp.get("/failing")
def failing(slug: str) -> Response:
    """Tries to write within the page's own transaction, which refuses."""
    del slug
    if "failing" in ARMED:
        database.execute(COUNT)
    return Response("seen")


@pytest.fixture(scope="module")
def leaky(settings: Settings) -> Application:
    """The application with these pages."""
    app = factory.create_app(settings)
    app.register_blueprint(bp)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def lived_in(leaky: Application, proof: Proof) -> Application:
    """There is a booking, a blackout and somebody who works there."""
    Story(proof.till, proof.shop).sell()
    people.person(proof.shop.id)
    proof.tamper(
        "INSERT INTO blackout_date (id, tenant_id, resource_id, first_on, last_on, created_at)"
        " SELECT gen_random_uuid(), tenant_id, id, current_date, current_date, now() FROM resource"
    )
    return leaky


@contextmanager
def armed(*endpoints: str) -> Iterator[None]:
    ARMED.update(endpoints)
    yield
    ARMED.clear()


def looked_at(app: Application) -> list[Violation]:
    return checker.checks(app, Visits(app))["P28"](time.now())


def test_p28_holds_while_no_page_writes(lived_in: Application) -> None:
    assert looked_at(lived_in) == []


@pytest.mark.parametrize(
    ("endpoint", "table"),
    [
        ("of_a_package", "blackout_date"),
        ("once", "booking"),
        ("of_members", "blackout_date"),
        ("of_machines", "blackout_date"),
        ("of_options", "blackout_date"),
    ],
)
def test_p28_sees_a_page_that_writes(lived_in: Application, proof: Proof, endpoint: str, table: str) -> None:
    with armed(endpoint):
        (violation,) = looked_at(lived_in)
    assert (violation.promise, violation.subject) == ("P28", table)
    assert violation.what.endswith("addresses were looked at, and not while nobody looked")
    assert proof.violations() == []


def test_p28_is_not_proven_by_a_page_that_fails(lived_in: Application, proof: Proof) -> None:
    with armed("failing"):
        (violation,) = looked_at(lived_in)
    assert str(violation) == (f"P28 {proof.shop.url('leaky/failing')}: fails, so that looking at it proves nothing")


def test_p28_tells_the_work_of_others_apart(
    lived_in: Application, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.promises.pages._ROUNDS", 1)
    enough = threading.Event()

    def work() -> None:
        connection = psycopg2.connect(proof.cluster.superuser_url, dbname=proof.database)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not enough.wait(0.02):
                cursor.execute(COUNT)
        connection.close()

    others = threading.Thread(target=work)
    others.start()
    try:
        with armed("once"):
            assert [violation.subject for violation in looked_at(lived_in)] == ["booking"]
        (violation,) = looked_at(lived_in)
    finally:
        enough.set()
        others.join()
    assert str(violation) == "P28 blackout_date: others change it all the time, so that nothing is proven"
    assert looked_at(lived_in) == []


def test_p28_tells_of_an_address_that_it_cannot_look_at(settings: Settings) -> None:
    app = factory.create_app(settings)
    app.add_url_rule("/odd/<any(red, green):response>", "odd", Response)
    assert [str(each) for each in looked_at(app)] == ["P28 /odd/<any(red, green):response>: cannot be looked at"]
