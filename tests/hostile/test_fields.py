"""Every field of every form against everything that somebody may write into it."""

from io import BytesIO
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from portal.db import database
from portal.web.application import Application
from tests.hostile import forms
from tests.hostile.cast import House, Visitor, forget_limits, invented, member
from tests.hostile.forms import LISTS
from tests.hostile.routes import FORM, Route, written
from tests.support import people
from tests.support.couples import in_half_a_year

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
# Words of a person's own, and the key of a form that nobody has sent yet.
FREE = (
    {"notes", "venue", "first_partner", "second_partner", "phone", "note", "reason", "name", "label", "form_id"}
    | {
        f"{name} of dashboard.set_invoice_settings"
        for name in ("legal_name", "address", "tax_number", "registration", "exemption", "prefix", "terms")
    }
    | {"tax_label of dashboard.set_taxes", "subject of dashboard.set_wording", "body of dashboard.set_wording"}
)
RAW = {"lone surrogate": b"%ED%A0%80", "invalid UTF-8": b"%FF", "half a character": b"%C3", "raw byte": b"\xff"}


def test_every_form_is_known(routes: list[Route]) -> None:
    assert len(routes) >= 13
    assert sum(len(route.names()) for route in routes) > 20


@pytest.mark.parametrize("text", NEVER)
def test_no_field_takes_what_hides_forges_or_never_ends(routes: list[Route], text: str) -> None:
    for route in routes:
        for name in route.names():
            status = route.send(**{name: NEVER[text]}).status_code
            assert 400 <= status < 500, f"{route.endpoint} {name}: {status}"


@pytest.mark.parametrize("text", SOMETIMES)
def test_strange_texts_are_taken_or_refused_and_never_break(routes: list[Route], text: str) -> None:
    for route in routes:
        for name in route.names():
            status = route.send(**{name: SOMETIMES[text]}).status_code
            assert {name, f"{name} of {route.endpoint}"} & FREE or status >= 400, f"{route.endpoint} {name}: {status}"


@pytest.mark.parametrize("raw", RAW)
def test_bytes_that_are_no_text_are_refused(routes: list[Route], raw: str) -> None:
    for route in routes:
        for name in route.names():
            others = "&".join(f"{key}={quote_plus(value)}" for key, value in route.fields.items() if key != name)
            body = f"csrf_token={route.visitor.csrf}&{others}&{name}=".encode() + RAW[raw]
            assert route.post(body, content_type=FORM).status_code == 400, f"{route.endpoint} {name}"


def test_a_field_that_comes_twice_is_refused(routes: list[Route]) -> None:
    for route in routes:
        for name in route.names():
            if name in LISTS:
                continue
            data: MultiDict[str, Any] = MultiDict({"csrf_token": route.visitor.csrf, **route.fields})
            data.setlist(name, [route.fields[name], route.fields[name] or "x"])
            assert route.post(data).status_code == 422, f"{route.endpoint} {name}"


def test_a_field_that_is_missing_is_no_accident(routes: list[Route]) -> None:
    for route in routes:
        for name in route.names():
            rest = {key: value for key, value in route.fields.items() if key != name}
            route.post({"csrf_token": route.visitor.csrf, **rest})
        route.post({"csrf_token": route.visitor.csrf})


def test_a_file_in_the_place_of_a_field_is_no_accident(routes: list[Route]) -> None:
    for route in routes:
        for name in route.names():
            data = {"csrf_token": route.visitor.csrf, **route.fields, name: (BytesIO(b"<svg/>"), "../../passwd\n.svg")}
            route.post(data, content_type="multipart/form-data")


def test_a_forged_price_state_or_business_does_not_exist(routes: list[Route], ours: House) -> None:
    forged = {
        "status": "confirmed", "price": "0", "total_cents": "1", "tenant_id": str(ours.shop.id), "currency": "JPY",
        "id": str(uuid4()), "user_id": str(uuid4()), "role": "owner", "is_platform_admin": "1", "version": "99",
    }  # fmt: skip
    with database.reading(ours.shop.id):
        before = database.rows("SELECT * FROM booking")
    for route in routes:
        if route.endpoint not in {"account.logout", "dashboard.open_dates"}:
            route.send(**forged)
    with database.reading(ours.shop.id):
        assert database.rows("SELECT * FROM booking") == before
    with database.reading(routes[0].home.shop.id):
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
