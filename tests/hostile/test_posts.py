"""Every form of the site against everything that a browser, a program or an attacker may send in its place.

Two laws: never a 500, and what was refused has written nothing but counters and the security log.
"""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.promises.fingerprints import fingerprints
from portal.web.application import Application
from tests.hostile import forms
from tests.hostile.cast import House, Visitor, addresses, couple, forget_limits, invented, member
from tests.hostile.forms import SIGNED, SIGNPOSTS
from tests.support import people
from tests.support.couples import in_half_a_year

FORM = "application/x-www-form-urlencoded"
# Refused in whatever field they come.
NEVER = {
    "NUL": "a\0b",
    "escape": "a\x1b[31mb",
    "right to left": "\u202egnp.exe",
    "an embedding": "a\u2066b",
    "only zero width": "\u200b\u200d",
    "ten thousand": "x" * 10_000,
}
# Refused by some, an ordinary text to others.
SOMETIMES = {
    "nobody's id": str(uuid4()),
    "an expression": "' OR 1=1 --",
    "a template": "{{7*7}}${7*7}%s%n",
    "another script's digits": "２０３０-０６-０１",
    "minus one": "-1",
    "a huge number": "9" * 9_999,
    "no number": "NaN",
    "a header": "a\r\nBcc: b@evil.example",
}
RAW = {"lone surrogate": b"%ED%A0%80", "invalid UTF-8": b"%FF", "half a character": b"%C3", "raw byte": b"\xff"}
OTHER_SITES: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


class Route:
    """A form of the site, the person who may send it, and its fields filled in."""

    def __init__(self, endpoint: str, address: str, visitor: Visitor, home: House) -> None:
        self.endpoint, self.address, self.visitor, self.home = endpoint, address, visitor, home

    @property
    def fields(self) -> dict[str, Any]:
        return forms.fields(self.endpoint, self.home)

    def post(self, data: Any, **more: Any) -> Any:
        """Send it; the laws hold for the answer."""
        forget_limits()
        before = written()
        answer = self.visitor.client.post(self.address, data=data, **more)
        # Without Stripe a date is held all the same, with word of when to try the payment again.
        assert answer.status_code < 500 or (answer.status_code == 503 and self.endpoint == "booking.hold")
        if 400 <= answer.status_code < 500:
            assert written() == before, f"{self.endpoint} wrote and answered {answer.status_code}"
        return answer

    def send(self, **changes: Any) -> Any:
        """The form with some fields changed."""
        return self.post({"csrf_token": self.visitor.csrf, **self.fields, **changes})


def written() -> tuple[object, ...]:
    """Everything but counters, sessions and the security log."""
    sums = fingerprints()
    with database.reading(), platform_scope(reason="a test"):
        owed = database.value("SELECT count(*) FROM outbox")
    return owed, sorted(sums.items())


@pytest.fixture(scope="module")
def routes(app: Application, theirs: House) -> list[Route]:
    """Every route that takes a POST."""
    senders = {
        "dashboard": member(app, theirs),
        "booked": couple(app, theirs, theirs.sold),
        "booking": couple(app, theirs, theirs.sold),
    }
    stranger = Visitor("stranger", app.test_client())
    found = list(addresses(app, theirs.values, method="POST"))
    made = [Route(name, address, senders.get(name.partition(".")[0], stranger), theirs) for name, address in found]
    return [route for route in made if route.endpoint not in SIGNED]


def each(routes: list[Route], *, with_fields: bool = False) -> Iterator[Route]:
    for route in routes:
        if route.fields or not with_fields:
            yield route


def names(route: Route) -> list[str]:
    """Fields that decide something."""
    return [name for name in route.fields if not {name, f"{name} of {route.endpoint[10:]}"} & SIGNPOSTS]


def test_every_form_is_known(routes: list[Route]) -> None:
    assert len(routes) >= 13
    assert sum(len(names(route)) for route in routes) > 20


@pytest.mark.parametrize("text", NEVER)
def test_no_field_takes_what_hides_forges_or_never_ends(routes: list[Route], text: str) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            status = route.send(**{name: NEVER[text]}).status_code
            assert 400 <= status < 500, f"{route.endpoint} {name}: {status}"


@pytest.mark.parametrize("text", SOMETIMES)
def test_strange_texts_are_taken_or_refused_and_never_break(routes: list[Route], text: str) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            status = route.send(**{name: SOMETIMES[text]}).status_code
            is_free = name in {"notes", "venue", "first_partner", "second_partner", "phone", "note"}
            assert is_free or status >= 400, f"{route.endpoint} {name}: {status}"


@pytest.mark.parametrize("raw", RAW)
def test_bytes_that_are_no_text_are_refused(routes: list[Route], raw: str) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            others = "&".join(f"{key}={quote_plus(value)}" for key, value in route.fields.items() if key != name)
            body = f"csrf_token={route.visitor.csrf}&{others}&{name}=".encode() + RAW[raw]
            assert route.post(body, content_type=FORM).status_code == 400, f"{route.endpoint} {name}"


def test_a_field_that_comes_twice_is_refused(routes: list[Route]) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            data: MultiDict[str, Any] = MultiDict({"csrf_token": route.visitor.csrf, **route.fields})
            data.setlist(name, [route.fields[name], route.fields[name] or "x"])
            assert route.post(data).status_code == 422, f"{route.endpoint} {name}"


def test_a_field_that_is_missing_is_no_accident(routes: list[Route]) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            rest = {key: value for key, value in route.fields.items() if key != name}
            route.post({"csrf_token": route.visitor.csrf, **rest})
        route.post({"csrf_token": route.visitor.csrf})


def test_a_file_in_the_place_of_a_field_is_no_accident(routes: list[Route]) -> None:
    for route in each(routes, with_fields=True):
        for name in names(route):
            data = {"csrf_token": route.visitor.csrf, **route.fields, name: (BytesIO(b"<svg/>"), "../../passwd\n.svg")}
            route.post(data, content_type="multipart/form-data")


@pytest.mark.parametrize("token", [None, "", "x", "stale"])
def test_without_its_token_no_form_does_anything(routes: list[Route], app: Application, token: str | None) -> None:
    for route in each(routes):
        sent = Visitor("", app.test_client()).csrf if token == "stale" else token
        fields = route.fields if sent is None else {**route.fields, "csrf_token": sent}
        answer = route.post(fields)
        assert answer.status_code == 400, route.endpoint
        assert "reload" in answer.text


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_what_another_site_sends_is_refused(routes: list[Route], headers: dict[str, str]) -> None:
    for route in each(routes):
        answer = route.post({"csrf_token": route.visitor.csrf, **route.fields}, headers=headers)
        assert answer.status_code == 403, route.endpoint


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a b", "::"])
def test_for_another_host_there_is_nothing(routes: list[Route], host: str) -> None:
    for route in each(routes):
        fields = {"csrf_token": route.visitor.csrf, **route.fields}
        assert route.post(fields, headers={"Host": host}).status_code == 400, route.endpoint


@pytest.mark.parametrize(
    "body", ["[]", "null", '{"date": true}', "[" * 200_000, '{"a": NaN}', "\ufeff{}"], ids=lambda body: body[:9]
)
def test_json_is_no_form(routes: list[Route], body: str) -> None:
    for route in each(routes):
        assert route.post(body.encode(), content_type="application/json").status_code == 400, route.endpoint


def test_a_megabyte_and_a_thousand_and_one_fields_are_too_much(routes: list[Route]) -> None:
    parts = b"".join(part(f"f{number}", b"1") for number in range(1001)) + b"--x--\r\n"
    for route in each(routes):
        token = route.visitor.csrf
        assert route.post({"csrf_token": token, "notes": "x" * 1_048_576}).status_code == 413
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
    for route in each(routes):
        assert route.post(body, content_type=kind).status_code == 400, route.endpoint


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_no_other_verb_is_heard_however_it_is_said(routes: list[Route], method: str) -> None:
    for route in each(routes):
        before = written()
        assert route.visitor.client.open(route.address, method=method).status_code == 405, route.endpoint
        query = f"{route.address}?_method={method}"
        # Without its token the form fails as a POST does, whatever else is written on it.
        assert route.visitor.client.post(query, headers={"X-HTTP-Method-Override": method}).status_code == 400
        assert written() == before


def test_a_forged_price_state_or_business_does_not_exist(routes: list[Route], ours: House, theirs: House) -> None:
    forged = {
        "status": "confirmed", "price": "0", "total_cents": "1", "tenant_id": str(ours.shop.id), "currency": "JPY",
        "id": str(uuid4()), "user_id": str(uuid4()), "role": "owner", "is_platform_admin": "1", "version": "99",
    }  # fmt: skip
    with database.reading(ours.shop.id):
        before = database.rows("SELECT * FROM booking")
    for route in each(routes):
        if route.endpoint not in {"account.logout", "dashboard.open_dates"}:
            route.send(**forged)
    with database.reading(ours.shop.id):
        assert database.rows("SELECT * FROM booking") == before
    with database.reading(theirs.shop.id):
        made = database.row("SELECT status, total_cents, currency FROM booking ORDER BY created_at DESC LIMIT 1")
    assert made == ("held", 200_000, "USD")


def test_ids_of_another_business_in_a_form_are_refused(app: Application, ours: House, theirs: House) -> None:
    stranger, owner = Visitor("stranger", app.test_client()), member(app, ours)
    day = in_half_a_year(ours.shop, plus=50)
    album, own_album = (next(iter(home.shop.add_ons.values())) for home in (theirs, ours))
    booking = {**forms.fields("booking.hold", ours, day=day), f"add_on_{album}": "1"}
    dates = forms.fields("dashboard.close_dates", ours, day=day)
    before = written()
    assert stranger.send("POST", ours.shop.url(f"book/{ours.values['package']}"), booking).status_code == 422
    address = ours.shop.url(f"book/{theirs.values['package']}")
    assert stranger.send("POST", address, {**booking, f"add_on_{album}": "0"}).status_code == 404
    huge = {**forms.fields("booking.hold", ours, day=day), f"add_on_{own_album}": "4"}
    assert stranger.send("POST", ours.shop.url(f"book/{ours.values['package']}"), huge).status_code == 422
    for resource in (theirs.shop.resource_id, uuid4(), "nothing", ""):
        sent = {**dates, "resource": str(resource)}
        assert owner.send("POST", f"/dashboard/{ours.shop.slug}/dates", sent).status_code == 404
    for blackout in (theirs.blackout_id, invented()["blackout_id"]):
        assert owner.send("POST", f"/dashboard/{ours.shop.slug}/dates/{blackout}/open").status_code == 404
    assert written() == before


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "/dashboard//../\\evil",
     "javascript:alert(1)", "/dashboard/\r\nSet-Cookie: a=b", "\t//evil.example", "/login"],
)  # fmt: skip
def test_after_the_login_nobody_is_led_elsewhere(app: Application, theirs: House, address: str) -> None:
    forget_limits()
    who = people.person(theirs.shop.id)
    visitor = Visitor("owner", app.test_client())
    answer = visitor.send("POST", "/login", {"email": who.email, "password": people.PASSWORD, "next": address})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/")


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
