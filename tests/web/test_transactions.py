"""A page cannot write, belongs to its tenant, and a form's view finds nothing open."""

from flask.testing import FlaskClient

from portal.db import database
from tests.support.forms import csrf_of
from tests.support.world import Business


def test_a_page_that_tries_to_write_fails_and_nothing_is_written(lab: FlaskClient, shop: Business) -> None:
    assert lab.get(shop.url("lab/write")).status_code == 500
    with database.reading(shop.id):
        assert database.value("SELECT name FROM resource") == "Calendar"
    assert not database.is_open()


def test_a_page_is_inside_one_read_only_transaction_of_its_tenant(lab: FlaskClient, shop: Business) -> None:
    assert lab.get(shop.url("lab/scope")).text == f"{shop.id} {shop.id} on"


def test_a_forms_view_knows_its_tenant_and_finds_nothing_open(lab: FlaskClient, shop: Business) -> None:
    token = csrf_of(lab)
    answer = lab.post(shop.url("lab/scope"), data={"csrf_token": token})
    assert answer.text == f"False {shop.id}"


def test_the_tenant_of_one_request_is_not_that_of_the_next(lab: FlaskClient, shop: Business) -> None:
    lab.get(shop.url("lab/scope"))
    assert lab.get("/lab/touch").text == "None"
