"""Errors are pages that a person understands."""

from flask.testing import FlaskClient


def test_an_unknown_address_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_an_unknown_business_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.get("/t/nobody/")
    assert answer.status_code == 404
