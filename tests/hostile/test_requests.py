"""Every form sent in a way in which no browser of a person would send it."""

import json

import pytest

from portal.web.application import Application
from tests.hostile.cast import Visitor
from tests.hostile.routes import FORM, Route, written

OTHER_SITES: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("token", [None, "", "x", "stale"])
def test_without_its_token_no_form_does_anything(routes: list[Route], app: Application, token: str | None) -> None:
    for route in routes:
        sent = Visitor("", app.test_client()).csrf if token == "stale" else token
        fields = route.fields if sent is None else {**route.fields, "csrf_token": sent}
        answer = route.post(fields)
        assert answer.status_code == 400, route.endpoint
        assert "reload" in answer.text


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_what_another_site_sends_is_refused(routes: list[Route], headers: dict[str, str]) -> None:
    for route in routes:
        answer = route.post({"csrf_token": route.visitor.csrf, **route.fields}, headers=headers)
        assert answer.status_code == 403, route.endpoint


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a b", "::"])
def test_for_another_host_there_is_nothing(routes: list[Route], host: str) -> None:
    for route in routes:
        fields = {"csrf_token": route.visitor.csrf, **route.fields}
        assert route.post(fields, headers={"Host": host}).status_code == 400, route.endpoint


@pytest.mark.parametrize(
    "body", ["[]", "null", '{"date": true}', "[" * 200_000, '{"a": NaN}', "\ufeff{}"], ids=lambda body: body[:9]
)
def test_json_is_no_form(routes: list[Route], body: str) -> None:
    for route in routes:
        assert route.post(body.encode(), content_type="application/json").status_code == 400, route.endpoint


def test_a_megabyte_and_a_thousand_and_one_fields_are_too_much(routes: list[Route], app: Application) -> None:
    parts = b"".join(part(f"f{number}", b"1") for number in range(1001)) + b"--x--\r\n"
    for route in routes:
        token = route.visitor.csrf
        most = getattr(app.view_functions[route.endpoint], "most_bytes", 1_048_576)  # a form with a picture takes more
        assert route.post({"csrf_token": token, "notes": "x" * most}).status_code == 413
        many = "&".join(f"f{number}=1" for number in range(1001))
        assert route.post(f"csrf_token={token}&{many}", content_type=FORM).status_code == 413
        assert route.post(parts, content_type="multipart/form-data; boundary=x").status_code == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="date"\r\n\r\n', "multipart/form-data; boundary=x"),
        (b"\xff", "multipart/form-data; boundary=" + "x" * 300),
        (b"date=2030-01-01", "text/plain"),
        (b"date=2030-01-01", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_a_broken_body_is_refused(routes: list[Route], body: bytes, kind: str) -> None:
    for route in routes:
        assert route.post(body, content_type=kind).status_code == 400, route.endpoint


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_no_other_verb_is_heard_however_it_is_said(routes: list[Route], method: str) -> None:
    for route in routes:
        before = written()
        assert route.visitor.client.open(route.address, method=method).status_code == 405, route.endpoint
        query = f"{route.address}?_method={method}"
        # Without its token the form fails as a POST does, whatever else is written on it.
        assert route.visitor.client.post(query, headers={"X-HTTP-Method-Override": method}).status_code == 400
        assert written() == before


def test_a_webhook_that_nobody_signed_stores_nothing(app: Application) -> None:
    event = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1, "data": {}}
    bodies: list[bytes] = [b"", b"[]", json.dumps(event).encode(), b"\xff" * 999, b"[" * 200_000, b"x" * 100_000]
    before = written()
    for body in bodies:
        for signature in (None, "", "t=1,v1=00", "t=99999999999,v1=00", "v0=1", "\xff", "t=NaN,v1="):
            headers = {} if signature is None else {"Stripe-Signature": signature}
            answer = app.test_client().post("/v1/webhooks/stripe", data=body, headers=headers)
            assert answer.status_code == 400
    assert app.test_client().post("/v1/webhooks/stripe", data=b"x" * 5_000_000).status_code in {400, 413}
    assert written() == before


def part(name: str, value: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
