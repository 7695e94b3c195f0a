"""Logging in, out, and a forgotten password."""

import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.identity import password_reset, passwords, sessions
from portal.identity.password_reset import ResetMail
from portal.kernel import time
from portal.kernel.errors import Gone
from portal.web.application import Application
from tests.support import people
from tests.support.world import Business


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """A browser at an address of its own, so that tests do not use up each other's tries."""
    client.environ_base["REMOTE_ADDR"] = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    return client


def log_in(client: FlaskClient, email: str, password: str = people.PASSWORD, **more: str) -> TestResponse:
    return client.post(
        "/login",
        data={"email": email, "password": password, "csrf_token": people.csrf_token(client, "/login"), **more},
    )


def _mail(user_id: UUID, at: datetime | None = None) -> ResetMail:
    mail = password_reset.mint_for_mail(user_id, at=at or time.now())
    assert mail is not None
    return mail


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("login")
    assert cookie is not None
    return str(cookie.value)


def test_known_and_unknown_addresses_get_the_same_answer(client: FlaskClient, shop: Business) -> None:
    known = log_in(client, people.person(shop.id).email, "wrong password")
    unknown = log_in(client, "nobody@people.example", "wrong password")
    assert known.status_code == unknown.status_code == 422
    hide = re.compile(r'value="[^"]*"|people\.example|[0-9a-f]{12}')
    assert hide.sub("", known.text) == hide.sub("", unknown.text)


def test_the_sixth_try_in_a_quarter_of_an_hour_is_refused_even_with_the_right_password(
    app: Application, shop: Business
) -> None:
    who = people.person(shop.id)
    for place in range(5):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{place}"
        assert log_in(client, who.email, "wrong password").status_code == 422
    client.environ_base["REMOTE_ADDR"] = "198.51.100.99"
    answer = log_in(client, who.email)
    assert answer.status_code == 429
    assert "Please wait" in answer.text


def test_tries_are_counted_by_where_they_come_from_too(app: Application, shop: Business) -> None:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    for _ in range(5):
        log_in(client, people.person(shop.id).email, "wrong password")
    assert log_in(client, people.person(shop.id).email).status_code == 429


@pytest.mark.parametrize(
    "evil", ["//evil.example", "https:evil", "/\\evil", "https://evil.example/dashboard/", "/dashboard/\\x"]
)
def test_a_login_never_leads_to_another_site(client: FlaskClient, shop: Business, evil: str) -> None:
    answer = log_in(client, people.person(shop.id).email, next=evil)
    assert answer.location == "/dashboard/"


def test_a_login_makes_a_new_session_and_ends_the_old_one(app: Application, shop: Business) -> None:
    who = people.person(shop.id)
    client = people.logged_in(app, who)
    before = _cookie(client)
    token = people.csrf_token(client, f"/dashboard/{shop.slug}/bookings")
    client.post("/login", data={"email": who.email, "password": people.PASSWORD, "csrf_token": token})
    after = _cookie(client)
    assert before != after
    assert sessions.find(before, at=time.now()) is None
    assert sessions.find(after, at=time.now()) is not None


def test_logging_out_ends_the_session_on_the_server(app: Application, shop: Business) -> None:
    client = people.logged_in(app, people.person(shop.id))
    raw = _cookie(client)
    token = people.csrf_token(client, f"/dashboard/{shop.slug}/bookings")
    assert client.post("/logout", data={"csrf_token": token}).location == "/login"
    assert sessions.find(raw, at=time.now()) is None


def test_a_new_password_ends_all_sessions_and_its_link_works_once(app: Application, shop: Business) -> None:
    who = people.person(shop.id)
    other_browser = people.logged_in(app, who)
    mail = _mail(who.user_id)
    client = app.test_client()
    entered = client.get(f"/reset-password/{mail.raw_token}")
    assert entered.location == "/reset-password"
    form = {"password": "quite another one", "again": "quite another one"}
    form["csrf_token"] = people.csrf_token(client, "/reset-password")
    assert client.post("/reset-password", data=form).status_code == 303
    assert other_browser.get("/dashboard/").location.startswith("/login")
    assert log_in(client, who.email, "quite another one").status_code == 303
    client.get(f"/reset-password/{mail.raw_token}")
    assert client.get("/reset-password").status_code == 410


def test_a_reset_link_runs_out_after_an_hour_and_looking_does_not_use_it(app: Application, shop: Business) -> None:
    who = people.person(shop.id)
    at = time.now()
    mail = _mail(who.user_id, at)
    client = app.test_client()
    for _ in range(3):
        client.get(f"/reset-password/{mail.raw_token}")
        client.head(f"/reset-password/{mail.raw_token}")
    assert password_reset.is_usable(mail.raw_token, at=at + timedelta(minutes=59))
    assert not password_reset.is_usable(mail.raw_token, at=at + timedelta(hours=1))


def test_asking_for_a_link_answers_the_same_for_any_address(client: FlaskClient, shop: Business) -> None:
    def ask(email: str) -> tuple[int, str]:
        token = people.csrf_token(client, "/forgot-password")
        answer = client.post("/forgot-password", data={"email": email, "csrf_token": token})
        return answer.status_code, answer.text.replace(email, "")

    assert ask(people.person(shop.id).email) == ask("nobody@people.example")


def test_a_short_password_is_refused_at_its_field(app: Application, shop: Business) -> None:
    mail = _mail(people.person(shop.id).user_id)
    client = app.test_client()
    client.get(f"/reset-password/{mail.raw_token}")
    form = {"password": "short", "again": "short", "csrf_token": people.csrf_token(client, "/reset-password")}
    answer = client.post("/reset-password", data=form)
    assert answer.status_code == 422
    assert 'id="f-password-error"' in answer.text


def test_an_invented_link_costs_no_password_hash(shop: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hash_password", lambda _: pytest.fail("somebody could keep us busy with this"))
    with pytest.raises(Gone):
        password_reset.reset_password("A" * 43, "a new password", remote_address="203.0.113.7", at=time.now())


def test_a_new_password_opens_the_door_that_guesses_had_shut(app: Application, shop: Business) -> None:
    who = people.person(shop.id)
    for place in range(6):
        guesser = app.test_client()
        guesser.environ_base["REMOTE_ADDR"] = f"2001:db8:{place}::1"
        log_in(guesser, who.email, "wrong password")
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "2001:db8:ffff::1"
    assert log_in(client, who.email).status_code == 429
    client.get(f"/reset-password/{_mail(who.user_id).raw_token}")
    form = {"password": "quite another one", "again": "quite another one"}
    client.post("/reset-password", data=form | {"csrf_token": people.csrf_token(client, "/reset-password")})
    assert log_in(client, who.email, "quite another one").status_code == 303
