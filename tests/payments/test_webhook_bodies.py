"""What is posted to the webhook address: authentic events are kept once, everything else stores nothing."""

import hashlib
import hmac
import json
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.stripe_emulator.webhooks.signing import sign
from portal.kernel import time
from tests.support.till import ADDRESS, SECRET


def now() -> int:
    return int(time.now().timestamp())


def event(**changes: Any) -> dict[str, Any]:
    """A plain event about a session that nobody knows."""
    plain = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": now(),
        "data": {"object": {"id": "cs_test_nobody", "object": "checkout.session", "metadata": {}}},
    }
    return {**plain, **changes}


def post(client: FlaskClient, body: bytes, signature: str | None = None) -> TestResponse:
    headers = {"Stripe-Signature": sign(body, SECRET, now()) if signature is None else signature}
    return client.post(ADDRESS, data=body, headers=headers)


def stored() -> tuple[Any, ...]:
    """Everything that a webhook could write."""
    with database.reading(), platform_scope(reason="test"):
        return (
            database.value("SELECT count(*) FROM webhook_event"),
            database.value("SELECT count(*) FROM outbox WHERE kind = 'webhook.handle'"),
        )


def counter(name: str) -> int:
    with database.reading(), platform_scope(reason="test"):
        return database.value("SELECT value FROM platform_counter WHERE name = %s", f"webhook.{name}") or 0


def mac(body: bytes, at: int, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def signatures(body: bytes) -> dict[str, str]:
    """Headers that prove nothing."""
    at = now()
    good = mac(body, at)
    return {
        "none": "",
        "junk": "junk",
        "commas": ",,,=,=,",
        "v0": f"t={at},v0={good}",
        "other secret": f"t={at},v1={mac(body, at, 'whsec_other')}",
        "301 s old": f"t={at - 301},v1={mac(body, at - 301)}",
        "a year ahead": f"t={at + 31_536_000},v1={mac(body, at + 31_536_000)}",
        "301 s ahead": f"t={at + 301},v1={mac(body, at + 301)}",
        "no instant": f"v1={good}",
        "two instants": f"t={at},t={at + 1},v1={good}",
        "no number": f"t=now,v1={good}",
        "other digits": f"t=\u0661{at},v1={good}".encode().decode("latin-1"),
        "huge number": f"t={'9' * 400},v1={good}",
        "cut": f"t={at},v1={good[:-1]}",
        "upper case": f"t={at},v1={good.upper()}",
        "endless": f"t={at}," + ",".join(["v1=" + "0" * 64] * 5000),
    }


@pytest.mark.parametrize("kind", sorted(signatures(b"")))
def test_what_is_not_authentic_stores_nothing(client: FlaskClient, kind: str) -> None:
    body = json.dumps(event()).encode()
    before = stored()
    assert post(client, body, signatures(body)[kind]).status_code == 400
    assert stored() == before


BODIES = {
    "empty": b"",
    "random": bytes(range(256)) * 8,
    "list": b"[]",
    "number": b"1",
    "null": b"null",
    "text": b'"evt"',
    "no json": b"{",
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 100_000,
    "utf-16": json.dumps(event()).encode("utf-16"),
    "no id": json.dumps({**event(), "id": None}).encode(),
    "no data": json.dumps({**event(), "data": []}).encode(),
    "object is a list": json.dumps({**event(), "data": {"object": []}}).encode(),
    "created is a text": json.dumps({**event(), "created": "now"}).encode(),
    "created is true": json.dumps({**event(), "created": True}).encode(),
    "created is huge": json.dumps({**event(), "created": 10**30}).encode(),
    "not a number": json.dumps({**event(), "created": float("nan")}).encode(),
    "NUL in the id": json.dumps({**event(), "id": "evt_\x00"}).encode(),
    "half a character": json.dumps({**event(), "id": "evt_\ud800"}).encode(),
    "endless id": json.dumps({**event(), "id": "e" * 10_000}).encode(),
    "another kind": json.dumps({**event(), "object": "v2.core.event"}).encode(),
}


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_signed_body_that_is_no_event_is_refused(client: FlaskClient, kind: str) -> None:
    before = stored()
    assert post(client, BODIES[kind]).status_code == 400
    assert stored() == before


def test_a_body_of_five_megabytes_is_refused(client: FlaskClient) -> None:
    before = stored()
    body = json.dumps(event(padding="x" * 5_000_000)).encode()
    assert post(client, body).status_code == 413
    assert stored() == before


def test_a_body_that_was_written_anew_is_refused(client: FlaskClient) -> None:
    body = json.dumps(event()).encode()
    signature = sign(body, SECRET, now())
    assert post(client, json.dumps(json.loads(body), indent=1).encode(), signature).status_code == 400


def test_an_authentic_event_is_kept_once(client: FlaskClient) -> None:
    before = stored()
    body = json.dumps(event()).encode()
    assert [post(client, body).status_code for _ in range(3)] == [200] * 3
    assert stored() == (before[0] + 1, before[1] + 1)


def test_of_two_signatures_one_that_is_right_is_enough(client: FlaskClient) -> None:
    body, at = json.dumps(event()).encode(), now()
    assert post(client, body, f"t={at},v1={'0' * 64},v1={mac(body, at)}").status_code == 200


def test_five_minutes_are_tolerated(client: FlaskClient) -> None:
    for at in (now() - 295, now() + 295):
        body = json.dumps(event()).encode()
        assert post(client, body, sign(body, SECRET, at)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"livemode": True}, "wrong_mode"),
        ({"account": "acct_stranger"}, "unknown_account"),
        ({"type": "customer.created"}, "unknown_type"),
        ({"type": "no.such.thing"}, "unknown_type"),
    ],
)
def test_authentic_but_not_for_us_touches_nothing_but_a_counter(
    client: FlaskClient, changes: dict[str, Any], name: str
) -> None:
    before, counted = stored(), counter(name)
    assert post(client, json.dumps(event(**changes)).encode()).status_code == 200
    assert stored() == before
    assert counter(name) == counted + 1


def test_hostile_metadata_does_no_harm(client: FlaskClient) -> None:
    names = {"tenant": "\x00", "checkout": "\ud800", "booking": "x" * 10_000, "refund_request": 1, "other": {}}
    subject = {"id": "cs_test_x", "object": "checkout.session", "metadata": names}
    assert post(client, json.dumps(event(data={"object": subject})).encode()).status_code == 200


def test_only_posting_is_possible(client: FlaskClient) -> None:
    assert client.get(ADDRESS).status_code == 405
