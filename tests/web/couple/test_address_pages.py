"""Another address in the browser, without JavaScript: asked, confirmed from its own mail, and every old link dead."""

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.promises.fingerprints import fingerprints
from portal.web import limits
from portal.web.application import Application
from tests.support import sold
from tests.support.forms import csrf_in
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.changing import NEW, Couple
from tests.web.couple.conftest import link_to, spoil


@pytest.fixture
def couple(app: Application, client: FlaskClient, shop: Business, booking: Sold) -> Couple:
    limits._in_process.cache_clear()
    return Couple(app, client, shop, booking)


@pytest.fixture
def other(app: Application) -> FlaskClient:
    """Another browser, where the new address is read."""
    return app.test_client()


def question(other: FlaskClient, couple: Couple) -> str:
    """The page behind the link in the mail to the new address."""
    answer = other.get(couple.mailed())
    assert (answer.status_code, answer.location) == (302, f"{couple.home}/new-address")
    return str(other.get(answer.location).text)


def say_yes(other: FlaskClient, couple: Couple, page: str) -> tuple[int, str | None, str]:
    answer = other.post(f"{couple.home}/new-address", data={"csrf_token": csrf_in(page)})
    return answer.status_code, answer.location, answer.text


def test_asked_confirmed_and_the_old_links_are_dead(couple: Couple, other: FlaskClient, link: str) -> None:
    answer = couple.ask()
    assert (answer.status_code, answer.location) == (303, f"{couple.home}/details")
    assert f"We have asked {NEW}" in couple.get("/details")
    assert couple.now.email == "anna@couple.example"
    page = question(other, couple)
    assert NEW in page
    for secret in ("Anna", "Ben", "couple.example", couple.booking.reference):
        assert secret not in page.replace(couple.home, "")
    assert other.get(couple.home).status_code != 200, "the question opens nothing but itself"
    assert say_yes(other, couple, page)[:2] == (303, couple.home)
    assert couple.now.email == NEW
    assert "Anna" in other.get(couple.home).text
    assert couple.client.get(couple.home).status_code != 200, "whoever held an old link holds nothing now"
    stranger = couple.app.test_client().get(link)
    assert stranger.status_code == 410
    assert "Anna" not in stranger.text


def test_looking_at_the_question_a_hundred_times_changes_nothing(couple: Couple, other: FlaskClient) -> None:
    couple.ask()
    link = couple.mailed()
    with database.reading(couple.shop.id):
        before = fingerprints()
    for _ in range(50):
        for method in ("GET", "HEAD"):
            other.open(link, method=method)
            other.open(f"{couple.home}/new-address", method=method)
    with database.reading(couple.shop.id):
        assert fingerprints() == before


def test_a_used_link_says_so_and_shows_nothing(couple: Couple, other: FlaskClient) -> None:
    couple.ask()
    third = couple.app.test_client()
    pages = [question(other, couple), question(third, couple)]
    assert say_yes(other, couple, pages[0])[0] == 303
    status, _, text = say_yes(third, couple, pages[1])
    assert status >= 400
    assert "Anna" not in text
    assert say_yes(other, couple, pages[0])[:2] == (303, couple.home), "pressed twice, it leads to the booking"


def test_an_ended_question_is_a_page_without_data(couple: Couple, other: FlaskClient) -> None:
    couple.ask()
    link = couple.mailed()
    spoil(couple.shop, "revoked_at")
    answer = other.get(link)
    assert answer.status_code == 410
    assert "vale@" not in answer.text
    assert "Anna" not in answer.text


@pytest.mark.parametrize(
    "email",
    ["", "a@b", '"a b"@couple.example', "a" * 320 + "@b.example", "a@b.example, c@d.example", "a@gmаil.com",
     "a@b.example\r\nBcc: c@d.example", "anna@couple.example", "BEN@couple.example", "javascript:alert(1)"],
)  # fmt: skip
def test_what_can_be_no_new_address_is_told_at_its_field(couple: Couple, email: str) -> None:
    answer = couple.ask(email)
    assert answer.status_code == 422
    assert 'id="f-email-error"' in answer.text
    assert "<details open" in answer.text
    with database.reading(couple.shop.id):
        assert database.value("SELECT count(*) FROM email_change") == 0


@pytest.mark.parametrize("which", ["", "third", "FIRST", "first second"])
def test_which_address_is_one_of_two(couple: Couple, which: str) -> None:
    assert couple.ask(which=which).status_code == 422


def test_nobody_is_asked_fifty_times(couple: Couple) -> None:
    assert [couple.ask().status_code for _ in range(6)] == [303] * 3 + [429] * 3
    with database.reading(couple.shop.id):
        assert database.value("SELECT count(*) FROM email_change") == 3


def test_what_waits_can_be_given_up(couple: Couple, other: FlaskClient) -> None:
    couple.ask()
    page = question(other, couple)
    assert couple.post("/address/forget").status_code == 303
    assert "We have asked" not in couple.get("/details")
    assert say_yes(other, couple, page)[0] >= 400
    assert couple.now.email == "anna@couple.example"


def test_the_second_address_is_taken_away_and_this_browser_stays(couple: Couple, other: FlaskClient) -> None:
    other.get(link_to(couple.shop, couple.booking, recipient="ben@couple.example"))
    answer = couple.post("/address/remove")
    assert (answer.status_code, answer.location) == (303, f"{couple.home}/details")
    assert "taken away" in couple.get("/details")
    assert couple.now.second_email is None
    assert other.get(couple.home).status_code != 200
    again = couple.post("/address/remove")
    assert again.status_code == 409
    assert "no second address" in again.text


def test_a_second_address_can_be_added(app: Application, other: FlaskClient, shop: Business) -> None:
    couple = Couple(app, app.test_client(), shop, sold.sell(shop, second_email=None))
    assert "As a second address" in couple.form
    assert couple.ask(which="second").status_code == 303
    assert say_yes(other, couple, question(other, couple))[0] == 303
    assert couple.now.second_email == NEW
    assert couple.client.get(couple.home).status_code == 200, "nobody lost anything"


def test_a_link_to_the_question_is_no_link_to_the_booking(couple: Couple, other: FlaskClient) -> None:
    couple.ask()
    page = question(other, couple)
    for path in ("", "/details", "/pay", "/cancel", "/calendar.ics", "/reschedule", "/links"):
        answer = other.get(couple.home + path)
        assert answer.status_code != 200, path
        assert "Anna" not in answer.text
    for path in ("/details", "/address", "/address/remove", "/address/forget", "/add-ons", "/cancel"):
        assert other.post(couple.home + path, data={"csrf_token": csrf_in(page)}).status_code == 404, path
