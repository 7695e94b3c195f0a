"""Logs: one line per request that says what happened and to whom nothing."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from portal.kernel import tokens
from portal.settings import Settings
from portal.web import logs
from portal.web.application import Application
from portal.web.sentry import scrub
from tests.support.forms import csrf_of
from tests.support.world import Business


@pytest.fixture
def lines(lab_app: Application, connected: Settings, capsys: pytest.CaptureFixture[str]) -> Iterator["Lines"]:
    """What is written as in production, line by line."""
    production = replace(connected, app_env="production")
    before = lab_app.extensions["request_log"]
    logs.configure(production)
    lab_app.extensions["request_log"] = logs.request_log(production)
    yield Lines(capsys)
    lab_app.extensions["request_log"] = before
    logs.configure(connected)


class Lines:
    """Reads what was written since the last look."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def read(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.capsys.readouterr().err.splitlines()]


def test_a_request_is_one_line_with_its_id_and_tenant(lab: FlaskClient, lines: Lines, shop: Business) -> None:
    answer = lab.get(shop.url("?q=anna@example.com"), headers={"Cookie": "session=nonsense"})
    (line,) = lines.read()
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["tenant"], line["route"], line["status"]) == (str(shop.id), "/t/<slug>/", 200)
    assert set(line) == {"event", "level", "timestamp", "method", "route", "status", "ms", "tenant", "request_id"}


def test_an_address_with_a_token_is_never_written(lab: FlaskClient, lines: Lines) -> None:
    raw = tokens.mint().raw
    for path in (f"/m/{raw}", f"/reset-password/{raw}", f"/nowhere/{raw}", f"/login?next={raw}", f"/lab/error/{raw}"):
        lab.get(path, headers={"Referer": f"http://localhost/m/{raw}"})
    lab.post("/lab/form", data={"csrf_token": csrf_of(lab), "name": raw})
    written = lines.read()
    assert len(written) >= 6
    assert raw not in json.dumps(written)


def test_an_unexpected_error_is_written_with_its_traceback_and_the_requests_id(lab: FlaskClient, lines: Lines) -> None:
    answer = lab.get("/lab/error/unexpected")
    error, request = lines.read()
    assert error["event"] == "error in GET /lab/error/<kind>"
    assert "ZeroDivisionError" in str(error["exception"])
    assert error["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]


def test_an_expected_conflict_is_no_error(lab: FlaskClient, lines: Lines) -> None:
    lab.get("/lab/error/taken")
    assert [line["level"] for line in lines.read()] == ["info"]


@pytest.mark.parametrize("given", ["abcd-1234", "0123456789abcdef", "req.1_2-3x"])
def test_a_well_formed_request_id_is_kept(lab: FlaskClient, given: str) -> None:
    assert lab.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f", "<script>1</script>", "née-1234", "1234567\x0b"]
)
def test_any_other_is_replaced(lab: FlaskClient, given: str) -> None:
    made = lab.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 16


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(tokens.mint().raw, id="token"),
        "sk_live_51Habcdefghij",
        "whsec_abcdefghijk",
        "pi_3Nabc_secret_xyz",
        "aisle:hunter2",
        "ya29.c.b0Aaekm1K-x_y",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmVk",
        "-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkqhki -----END PRIVATE KEY-----",
        "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=",
        "4242 4242 4242 4242",
        "4242424242424242",
    ],
)
def test_what_looks_like_a_secret_is_struck_out_of_any_text(lines: Lines, secret: str) -> None:
    text = f"postgresql://{secret}@db/aisle failed" if "hunter2" in secret else f"it failed with {secret}."
    logging.getLogger("aisle.test").warning(text)
    logging.getLogger("aisle.test").error("it failed", exc_info=ValueError(text))
    assert secret not in json.dumps(lines.read())


@pytest.mark.parametrize("text", ["01a1f848-c963-72f3-b83a-a70586ea45e3", "2026-11-20T09:23:40.070347Z", "K7QM-2R9D"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert logs.strike_out(text) == text


def test_sentry_learns_what_broke_and_nothing_about_whom() -> None:
    raw = tokens.mint().raw
    event = scrub(
        {
            "request": {"method": "GET", "url": f"http://x/m/{raw}", "cookies": {"a": raw}, "headers": {"Cookie": raw}},
            "user": {"ip_address": "1.2.3.4"},
            "exception": {"values": [{"type": "ValueError", "value": f"bad token {raw}"}]},
            "logentry": {"message": "no %s", "formatted": f"no {raw}", "params": [raw]},
            "extra": {"token": raw},
        },
        {},
    )
    assert event == {
        "request": {"method": "GET"},
        "logentry": {"message": "no [struck out]"},
        "exception": {"values": [{"type": "ValueError", "value": "bad token [struck out]"}]},
    }
