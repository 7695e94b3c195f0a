"""Errors are pages that a person understands, with the right status, and the request's id where it helps."""

import pytest
from flask.testing import FlaskClient

from tests.support.world import Business

STATUSES = {
    "missing": 404,
    "forbidden": 404,
    "gone": 410,
    "taken": 409,
    "invalid": 422,
    "busy": 503,
    "too-many": 429,
    "down": 503,
    "bare": 500,
    "unexpected": 500,
}


@pytest.mark.parametrize("kind", STATUSES)
def test_each_kind_of_error_has_its_status_and_is_a_page(lab: FlaskClient, kind: str) -> None:
    answer = lab.get(f"/lab/error/{kind}")
    assert answer.status_code == STATUSES[kind]
    assert "<html lang=" in answer.text
    # Only what went wrong on our side is worth writing to us about.
    assert (answer.headers["X-Request-ID"] in answer.text) == (answer.status_code >= 500)


@pytest.mark.parametrize("kind", STATUSES)
def test_to_htmx_it_is_a_fragment(lab: FlaskClient, kind: str) -> None:
    answer = lab.get(f"/lab/error/{kind}", headers={"HX-Request": "true"})
    assert answer.status_code == STATUSES[kind]
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_the_sentence_of_an_expected_error_is_shown(lab: FlaskClient) -> None:
    assert "That day is taken." in lab.get("/lab/error/taken").text


def test_nothing_of_an_unexpected_error_goes_out(lab: FlaskClient) -> None:
    answer = lab.get("/lab/error/unexpected")
    assert "secret inside" not in answer.text
    assert "ZeroDivision" not in answer.text


def test_what_is_down_says_when_to_come_back(lab: FlaskClient) -> None:
    assert lab.get("/lab/error/down").headers["Retry-After"] == "5"
    assert lab.get("/lab/error/busy").headers["Retry-After"] == "5"
    assert lab.get("/lab/error/too-many").headers["Retry-After"] == "17"


def test_an_unknown_address_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize("slug", ["nobody", "admin", "..", "%2e%2e", "Ärger", "a" * 300, "бella-weddings"])
def test_an_unknown_business_is_a_friendly_page(client: FlaskClient, slug: str) -> None:
    answer = client.get(f"/t/{slug}/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_a_method_that_an_address_does_not_know_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.delete("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "This address cannot do that" in answer.text


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "X-STRANGE"])
def test_strange_methods_do_nothing(client: FlaskClient, method: str) -> None:
    assert client.open("/", method=method).status_code in {400, 403, 405}


def test_a_method_cannot_be_smuggled_in_a_header(client: FlaskClient) -> None:
    assert client.get("/", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200


def test_an_error_on_a_tenants_address_keeps_its_frame_and_language(client: FlaskClient, shop: Business) -> None:
    answer = client.get(shop.url("packages/unknown"))
    assert answer.status_code == 404
    assert shop.tenant.name.replace("&", "&amp;") in answer.text


def test_a_variable_that_a_template_lacks_is_an_error_and_not_a_gap(lab: FlaskClient) -> None:
    from jinja2 import UndefinedError

    from portal.web import render

    with lab.application.test_request_context("/"), pytest.raises(UndefinedError):
        render.text("parts/pagination.html")
