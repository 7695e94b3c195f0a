"""What is posted to the webhook of mails: authentic events are kept once, everything else stores nothing."""

import base64
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from portal import settings
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.devtools.postmark_emulator.mails import Doc
from portal.kernel import time
from portal.messages import stopped
from portal.payments import kept_events
from tests.support import sold
from tests.support.postmark import ADDRESS, SECRET, handle, hear, messages, post, postmark, work
from tests.support.world import Business

__all__ = ["postmark"]


def stored() -> tuple[Any, ...]:
    """Everything that a webhook could write."""
    with database.reading(), platform_scope(reason="test"):
        return (
            database.value("SELECT count(*) FROM webhook_event"),
            database.value("SELECT count(*) FROM outbox WHERE kind = 'mail.heard'"),
            database.value("SELECT count(*) FROM stopped_address"),
        )


def counter(name: str) -> int:
    with database.reading(), platform_scope(reason="test"):
        return database.value("SELECT value FROM platform_counter WHERE name = %s", f"webhook.postmark.{name}") or 0


@pytest.fixture
def sent(shop: Business, postmark: PostmarkEmulator) -> Doc:
    """A mail to Anna that has left."""
    sold.sell(shop)
    work(shop)
    return next(mail for mail in postmark.sent if mail["Recipient"] == "anna@couple.example")


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


UNKNOWN: dict[str, dict[str, str]] = {
    "nobody": {},
    "another password": {"Authorization": basic("postmark:another-secret-that-is-long")},
    "no password": {"Authorization": basic("postmark:")},
    "the password as the name": {"Authorization": basic(f"{SECRET}:")},
    "half of it": {"Authorization": basic(f"postmark:{SECRET[:-1]}")},
    "more than it": {"Authorization": basic(f"postmark:{SECRET}x")},
    "in upper case": {"Authorization": basic(f"postmark:{SECRET.upper()}")},
    "a bearer": {"Authorization": f"Bearer {SECRET}"},
    "no base64": {"Authorization": "Basic ÿÿÿ".encode().decode("latin-1")},
    "bytes that are no text": {"Authorization": "Basic " + base64.b64encode(b"postmark:\xff\xfe").decode()},
    "another header": {"X-Webhook-Secret": "wrong"},
    "a header that is empty": {"X-Webhook-Secret": ""},
    "a letter that is none": {"X-Webhook-Secret": SECRET.replace("o", "\xf6")},
}


@pytest.mark.parametrize("who", UNKNOWN)
def test_whoever_does_not_know_the_secret_stores_nothing(
    client: FlaskClient, postmark: PostmarkEmulator, sent: Doc, who: str
) -> None:
    event, before = postmark.tell(sent["MessageID"], "Bounce"), stored()
    answer = client.post(ADDRESS, json=event, headers=UNKNOWN[who])
    assert answer.status_code == 401
    assert stored() == before
    assert SECRET not in answer.get_data(as_text=True)


def test_without_a_secret_nobody_is_let_in(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, postmark: PostmarkEmulator, sent: Doc
) -> None:
    now = settings.current()
    bare = replace(now, postmark=replace(now.postmark, webhook_secrets=()))
    monkeypatch.setattr(settings, "current", lambda: bare)
    for headers in ({}, {"Authorization": basic("postmark:")}, {"X-Webhook-Secret": ""}):
        event = postmark.tell(sent["MessageID"], "Bounce")
        assert client.post(ADDRESS, json=event, headers=headers).status_code == 401


def test_the_secret_may_come_in_a_header_of_its_own(client: FlaskClient, postmark: PostmarkEmulator, sent: Doc) -> None:
    event = postmark.tell(sent["MessageID"], "Bounce")
    answer = client.post(ADDRESS, json=event, headers={"X-Webhook-Secret": SECRET})
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "stored\n")


def junk(event: Doc) -> dict[str, bytes]:
    """Bodies that are no event."""

    def changed(**changes: Any) -> bytes:
        return json.dumps({**event, **changes}).encode()

    return {
        "empty": b"",
        "random": random.Random(1).randbytes(2048),  # noqa: S311  no secret
        "list": b"[]",
        "list of events": json.dumps([event]).encode(),
        "null": b"null",
        "number": b"1",
        "no json": b"{",
        "deep": b"[" * 200_000,
        "deep object": b'{"a":' * 100_000,
        "utf-16": json.dumps(event).encode("utf-16"),
        "kind is a list": changed(RecordType=[]),
        "no mail": changed(MessageID=None),
        "NUL in the mail": changed(MessageID="a\x00b"),
        "endless mail": changed(MessageID="a" * 10_000),
        "half a character": changed(Email="anna\ud800@couple.example"),
        "nobody": changed(Email=""),
        "address is an object": changed(Email={}),
        "endless address": changed(Email="a" * 100_000),
        "no instant": changed(BouncedAt=""),
        "instant is a number": changed(BouncedAt=1),
        "not a day": changed(BouncedAt="2030-02-29T10:00:00Z"),
        "before all days": changed(BouncedAt="0001-01-01T00:00:00+14:00"),
        "type is a number": changed(Type=1),
        "NaN": changed(BouncedAt=float("nan")),
    }


@pytest.mark.parametrize("kind", sorted(junk({})))
def test_an_authentic_body_that_is_no_event_is_refused(
    client: FlaskClient, postmark: PostmarkEmulator, sent: Doc, kind: str
) -> None:
    body, before = junk(postmark.tell(sent["MessageID"], "Bounce"))[kind], stored()
    assert client.post(ADDRESS, data=body, auth=("postmark", SECRET)).status_code == 400
    assert stored() == before


@pytest.mark.parametrize("status", [401, 413])
def test_a_body_of_five_megabytes_is_refused(
    client: FlaskClient, postmark: PostmarkEmulator, sent: Doc, status: int
) -> None:
    event, before = postmark.tell(sent["MessageID"], "Bounce", Content="x" * 5_000_000), stored()
    assert post(client, event, secret=SECRET if status == 413 else "wrong") == status
    assert stored() == before


UNHEARD: dict[str, tuple[str, Callable[[Doc], Doc]]] = {
    "a kind that nobody listens to": ("unknown_type", lambda event: {**event, "RecordType": "Click"}),
    "a kind that is to come": ("unknown_type", lambda event: {**event, "RecordType": "Telepathy"}),
    "no kind": ("unknown_type", lambda event: {**event, "RecordType": ""}),
    "an answering machine": ("unknown_type", lambda event: {**event, "Type": "AutoResponder", "Inactive": False}),
    "a delay": ("unknown_type", lambda event: {**event, "Type": "Transient", "Inactive": False}),
    "a mail of nobody": ("unknown_message", lambda event: {**event, "Metadata": {"message-id": str(uuid4())}}),
    "no metadata": ("unknown_message", lambda event: {**event, "Metadata": None}),
    "metadata that is a list": ("unknown_message", lambda event: {**event, "Metadata": [1]}),
    "an id that is none": ("unknown_message", lambda event: {**event, "Metadata": {"message-id": "\x00"}}),
    "another recipient": ("unknown_message", lambda event: {**event, "Email": "somebody@else.example"}),
    "an address with a NUL": ("unknown_message", lambda event: {**event, "Email": "anna\x00@couple.example"}),
}


@pytest.mark.parametrize("case", UNHEARD)
def test_authentic_but_not_for_us_touches_nothing_but_a_counter(
    client: FlaskClient, postmark: PostmarkEmulator, sent: Doc, case: str
) -> None:
    name, change = UNHEARD[case]
    event, before, counted = postmark.tell(sent["MessageID"], "Bounce"), stored(), counter(name)
    assert post(client, change(event)) == 200
    assert stored() == before
    assert counter(name) == counted + 1


def test_an_event_is_kept_once_and_holds_no_address(client: FlaskClient, postmark: PostmarkEmulator, sent: Doc) -> None:
    event, before = postmark.tell(sent["MessageID"], "Bounce"), stored()
    assert [post(client, event) for _ in range(3)] == [200] * 3
    assert post(client, json.loads(json.dumps(event, indent=3, sort_keys=True))) == 200
    assert stored() == (before[0] + 1, before[1] + 1, before[2])
    with database.reading(), platform_scope(reason="test"):
        kept = database.value("SELECT to_jsonb(e)::text FROM webhook_event e ORDER BY received_at DESC LIMIT 1")
        owed = database.value("SELECT payload::text FROM outbox WHERE kind = 'mail.heard' ORDER BY id DESC LIMIT 1")
    assert "couple.example" not in kept + owed


def told(postmark: PostmarkEmulator, sent: Doc) -> list[Doc]:
    """All that can be told of one mail and its reader."""
    mail = sent["MessageID"]
    return [
        postmark.tell(mail, "Delivery"),
        postmark.tell(mail, "Bounce", Type="SoftBounce", Inactive=False),
        postmark.tell(mail, "Bounce"),
        postmark.tell(mail, "SubscriptionChange", SuppressSending=False),
        postmark.tell(mail, "SpamComplaint"),
    ]


def state(shop: Business, message_id: Any) -> tuple[Any, ...]:
    with database.reading(shop.id):
        mail = database.row(
            "SELECT status, failure, delivered_at, bounced_at, bounced_id FROM message WHERE id = %s", message_id
        )
        addresses = database.rows(
            "SELECT email, reason, stopped_at, ended_at, is_stopped FROM stopped_address ORDER BY email"
        )
    return mail, addresses


def test_any_order_and_any_number_of_events_end_the_same(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, sent: Doc
) -> None:
    events, message_id = told(postmark, sent), sent["Metadata"]["message-id"]
    with database.reading(shop.id):
        before = database.row("SELECT * FROM message WHERE id = %s", message_id)
    chosen, ends = random.Random(7), set()  # noqa: S311  no secret
    for order in chosen.sample(list(itertools.permutations(events)), 20):
        hear(client, *(event for event in order for _ in range(chosen.choice((1, 2)))))
        ends.add(str(state(shop, message_id)))
        forget(shop, before)
    assert len(ends) == 1
    assert "complained" in ends.pop()


def forget(shop: Business, message: Any) -> None:
    """As if nothing had been told."""
    with database.writing(shop.id):
        database.execute("DELETE FROM stopped_address")
        database.execute(
            "UPDATE message SET status = %s, failure = '', delivered_at = NULL, bounced_at = NULL, bounced_id = ''"
            " WHERE id = %s",
            message.status,
            message.id,
        )
    with database.writing(), platform_scope(reason="test"):
        database.execute("DELETE FROM webhook_event WHERE provider = 'postmark'")


def test_an_instant_that_is_to_come_does_not_outlive_what_the_business_says(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, sent: Doc
) -> None:
    hear(client, postmark.tell(sent["MessageID"], "Bounce", BouncedAt="9999-12-31T23:59:59Z"))
    with database.reading(shop.id):
        (found,) = stopped.listed(shop.id)
    stopped.works(shop.id, found.id, user_id=None, at=time.now())
    with database.reading(shop.id):
        assert not stopped.is_stopped(shop.id, sent["Recipient"])


def test_what_could_not_be_handled_is_handled_once_somebody_says_so(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, sent: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(stopped, "stop", lambda *_, **__: 1 / 0)
        assert post(client, postmark.tell(sent["MessageID"], "Bounce")) == 200
        handle()
    (event,) = [each for each in kept_events.unfinished() if each.type == "bounced"]
    assert (event.status, "ZeroDivisionError" in event.last_error) == ("failed", True)
    kept_events.retry(event.id)
    handle()
    assert [row.status for row in messages(shop) if str(row.id) == sent["Metadata"]["message-id"]] == ["failed"]
    assert kept_events.load(event.id) is None


def test_only_posting_is_possible(client: FlaskClient) -> None:
    assert client.get(ADDRESS).status_code == 405
