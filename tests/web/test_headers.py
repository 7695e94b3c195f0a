"""Headers and cookies of a careful site."""

import gzip

import pytest
from flask.testing import FlaskClient

from portal.kernel import tokens
from portal.settings import Settings
from portal.web.application import Application
from portal.web.headers import policy
from tests.support.forms import csrf_of
from tests.support.world import Business

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def rules(header: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (rule.split() for rule in header.split(";"))}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/login", "/health", "/lab/error/unexpected"])
def test_every_answer_has_them_errors_too(lab: FlaskClient, path: str) -> None:
    headers = lab.get(path).headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_nothing_inline_nothing_foreign_nothing_framed(client: FlaskClient) -> None:
    found = rules(client.get("/").headers["Content-Security-Policy"])
    assert found["default-src"] == found["object-src"] == found["base-uri"] == found["frame-ancestors"] == ["'none'"]
    assert found["script-src"] == found["style-src"] == found["font-src"] == found["connect-src"] == ["'self'"]


def test_a_form_may_lead_to_stripe_and_in_tests_to_the_emulator(settings: Settings, production: Application) -> None:
    assert rules(policy(settings))["form-action"] == ["'self'", "https://checkout.stripe.com", settings.stripe_api_base]
    header = production.test_client().get("/", headers={"Host": "book.example"}).headers["Content-Security-Policy"]
    assert rules(header)["form-action"] == ["'self'", "https://checkout.stripe.com"]


def test_over_https_the_browser_stays_there(production: Application) -> None:
    headers = production.test_client().get("/", headers={"Host": "book.example"}).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "upgrade-insecure-requests" in headers["Content-Security-Policy"]


def test_cookies_over_https_belong_to_this_host_alone(production: Application) -> None:
    answer = production.test_client().get("/login", base_url="https://book.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_pages_without_a_form_set_no_cookie(client: FlaskClient, shop: Business) -> None:
    for path in ("/", shop.url(), shop.url("packages/whole-day"), "/health"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_public_pages_may_be_stored_and_are_asked_for_again(client: FlaskClient, shop: Business) -> None:
    assert client.get(shop.url()).headers["Cache-Control"] == "no-cache"


def test_pages_with_a_form_are_nobody_elses(client: FlaskClient) -> None:
    answer = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Content-Encoding" not in answer.headers  # its length would tell the token


def test_a_message_makes_a_public_page_personal(lab: FlaskClient, shop: Business) -> None:
    lab.get("/lab/flash")
    answer = lab.get(shop.url())
    assert "It is done." in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "It is done." not in lab.get(shop.url()).text


def test_public_pages_travel_compressed(client: FlaskClient, shop: Business) -> None:
    plain = client.get(shop.url())
    packed = client.get(shop.url(), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == packed.content_length < len(plain.data) / 2
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_addresses_that_lead_to_a_booking_stay_here(client: FlaskClient, shop: Business) -> None:
    assert client.get("/login").headers["Referrer-Policy"] == "same-origin"
    assert client.get(shop.url()).headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("way", ["m", "w", "reset-password"])
def test_an_address_with_a_token_is_told_to_nobody_not_even_to_us(client: FlaskClient, way: str) -> None:
    assert client.get(f"/{way}/{tokens.mint().raw}").headers["Referrer-Policy"] == "strict-origin"


def test_page_and_fragment_of_one_address_are_kept_apart(client: FlaskClient, shop: Business) -> None:
    assert "HX-Request" in client.get(shop.url()).headers["Vary"]


def test_a_tampered_session_is_an_empty_one(lab: FlaskClient) -> None:
    token = csrf_of(lab)
    cookie = lab.get_cookie("session")
    assert cookie
    lab.set_cookie("session", cookie.value[:-4] + "AAAA")
    assert lab.post("/lab/form", data={"csrf_token": token, "name": "x"}).status_code == 400


def test_a_browser_that_has_seen_a_form_still_shares_public_pages(lab: FlaskClient, shop: Business) -> None:
    csrf_of(lab)
    answer = lab.get(shop.url())
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cookie" not in answer.headers["Vary"]
