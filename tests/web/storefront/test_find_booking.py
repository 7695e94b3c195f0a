"""“I lost my link”: one answer for everybody, and not too often."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.web.application import Application
from tests.support import sold
from tests.support.people import csrf_token
from tests.support.world import Business


def ask(client: FlaskClient, shop: Business, email: str, remote: str = "198.51.100.1") -> tuple[int, str]:
    """Send the form; the status and the page that follows."""
    address = shop.url("find-booking")
    data = {"email": email, "csrf_token": csrf_token(client, address)}
    answer = client.post(address, data=data, environ_base={"REMOTE_ADDR": remote})
    shown = client.get(answer.location) if answer.status_code == 303 else answer
    return answer.status_code, shown.text


def test_a_known_and_an_unknown_address_hear_the_same(app: Application, shop: Business) -> None:
    sold.sell(shop)
    known = ask(app.test_client(), shop, "anna@couple.example")
    unknown = ask(app.test_client(), shop, "nobody@nowhere.example")
    assert known == unknown
    assert known[0] == 303
    with database.reading(shop.id):
        asked = database.value("SELECT count(*) FROM outbox WHERE kind = 'address.links_requested'")
    assert asked == 2


def test_the_fourth_request_for_an_address_within_an_hour_waits(app: Application, shop: Business) -> None:
    for email in ("anna@couple.example", "nobody@nowhere.example"):
        statuses = [ask(app.test_client(), shop, email, f"198.51.100.{number}")[0] for number in range(4)]
        assert statuses == [303, 303, 303, 429]


def test_upper_case_is_the_same_address(app: Application, shop: Business) -> None:
    spellings = ("anna@couple.example", "ANNA@couple.example", "Anna@Couple.Example", "aNNa@couple.example")
    statuses = [ask(app.test_client(), shop, email)[0] for email in spellings]
    assert statuses == [303, 303, 303, 429]


def test_one_sender_cannot_write_to_everybody(app: Application, shop: Business) -> None:
    client = app.test_client()
    statuses = [ask(client, shop, f"guest{number}@couple.example", "198.51.100.99")[0] for number in range(21)]
    assert statuses[-2:] == [303, 429]


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@couple.example, ben@couple.example", "a" * 300 + "@couple.example"]
)
def test_what_cannot_be_an_address_comes_back_with_a_word_at_its_field(
    client: FlaskClient, shop: Business, email: str
) -> None:
    status, page = ask(client, shop, email)
    assert status == 422
    assert 'id="f-email-error"' in page


def test_a_field_that_comes_twice_is_refused(client: FlaskClient, shop: Business) -> None:
    address = shop.url("find-booking")
    data = {"email": ["anna@couple.example", "ben@couple.example"], "csrf_token": csrf_token(client, address)}
    assert client.post(address, data=data).status_code == 422
