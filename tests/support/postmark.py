"""A Postmark of each test's own, and a worker's hands for what it tells us."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.devtools.postmark_emulator.mails import Doc
from portal.messages import delivery
from portal.messages.delivery.postmark import PostmarkChannel
from portal.settings import Settings
from tasks import pace, relay
from tasks.pace import Pace
from tests.support.mailroom import drain
from tests.support.world import Business

SECRET = "only-for-tests-and-long-enough"
ADDRESS = "/v1/webhooks/postmark"
# What a hanging call waits, against what the channel waits for it.
HANGS, PATIENCE = 1.0, 0.3


@pytest.fixture
def postmark(connected: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostmarkEmulator]:
    """Mails of this test go to it; nobody rings, and what failed is due again at once."""
    monkeypatch.setattr(relay, "_enqueue", lambda *_, **__: True)
    pace.install(Pace(first_delay=0, longest_delay=0))
    with PostmarkEmulator() as emulator:
        delivery.install(channel(emulator))
        yield emulator
    delivery.install(delivery.channel_for(connected))
    pace.install(Pace())


def channel(emulator: PostmarkEmulator) -> PostmarkChannel:
    """How we reach it."""
    return PostmarkChannel(emulator.token, base=emulator.base_url, broadcast_stream="broadcast", timeout=PATIENCE)


def post(client: FlaskClient, event: Any, *, secret: str = SECRET) -> int:
    """Postmark posts an event; our status."""
    return client.post(ADDRESS, json=event, auth=("postmark", secret)).status_code


def hear(client: FlaskClient, *events: Doc) -> None:
    """Postmark posts events in this order, and a worker handles them one by one."""
    for event in events:
        assert post(client, event) == 200
        handle()


def handle() -> None:
    """Carry out what is owed to events, and mails that follow from it."""
    with database.reading(), platform_scope(reason="test"):
        found = database.rows("SELECT id FROM outbox WHERE kind = 'mail.heard' AND status = 'due' ORDER BY id")
    for row in found:
        relay.answer(row.id)


def messages(shop: Business, kind: str = "%") -> list[Any]:
    """What was or will be sent now, the rows."""
    with database.reading(shop.id):
        return database.rows(
            "SELECT * FROM message WHERE status <> 'planned' AND kind LIKE %s ORDER BY kind, recipient, id", kind
        )


def work(shop: Business) -> None:
    """A worker carries out everything until nothing is due any more, failures included."""
    drain(shop.id)
    while due := _due(shop.id):
        for effect_id in due:
            relay.answer(effect_id)
        drain(shop.id)


def _due(tenant_id: UUID) -> list[UUID]:
    with database.reading(tenant_id):
        found = database.rows(
            "SELECT id FROM outbox WHERE status = 'due' AND due_at <= now() AND kind <> 'invoice.render'"
        )
    return [row.id for row in found]
