"""The switches as another process throws them: JSON over HTTP."""

import json
from typing import Any

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import Inbox, fetch, session_params


def _throw(emulator: StripeEmulator, name: str, **arguments: object) -> dict[str, Any]:
    page = fetch(f"{emulator.base_url}/_emulator/{name}", body=json.dumps(arguments), content_type="application/json")
    return {"status": page.status, **json.loads(page.text)}


def test_a_session_is_paid_refunded_and_disputed_from_outside(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    paid = _throw(emulator, "pay", session_id=session.id)["result"]
    assert paid["payment_status"] == "paid"
    _throw(emulator, "refund_by_hand", payment_intent=paid["payment_intent"], amount=100)
    assert client.v1.refunds.list().data[0].amount == 100
    dispute = _throw(emulator, "open_dispute", payment_intent=paid["payment_intent"])["result"]
    assert _throw(emulator, "close_dispute", dispute_id=dispute["id"], is_won=False)["result"]["status"] == "lost"


def test_faults_and_clock_are_set_from_outside(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    _throw(emulator, "fail_next", method="POST", path="/v1/refunds", status=429)
    with pytest.raises(stripe.RateLimitError):
        client.v1.refunds.create({"payment_intent": "pi_1"})
    before = emulator.now()
    assert _throw(emulator, "shift_clock", seconds=3600)["result"] >= before + 3600


def test_events_and_requests_are_read_from_outside(
    emulator: StripeEmulator, client: stripe.StripeClient, inbox: Inbox
) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    _throw(emulator, "hold_webhooks")
    _throw(emulator, "expire_session", session_id=session.id)
    released = _throw(emulator, "release_webhooks", order="shuffled", seed=1)["result"]
    assert [one["type"] for one in released] == inbox.types == ["checkout.session.expired"]
    assert _throw(emulator, "deliveries")["result"][0]["state"] == "delivered"
    assert _throw(emulator, "events")["result"][0]["data"]["object"]["id"] == session.id
    recorded = _throw(emulator, "recorded_requests")["result"]
    assert [one["path"] for one in recorded] == ["/v1/checkout/sessions"]


def test_the_switches_are_listed(emulator: StripeEmulator) -> None:
    listed = json.loads(fetch(f"{emulator.base_url}/_emulator").text)
    assert {"pay", "fail_next", "hang_next", "drop_answers", "add_endpoint", "add_account"} <= set(listed)
    assert not [name for name in listed if name.startswith("_") or name in ("start", "stop")]


def test_what_makes_no_sense_is_answered_with_a_reason(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    assert _throw(emulator, "stop")["status"] == 404
    for name, arguments in (
        ("pay", {"session_id": "cs_invented"}),
        ("pay", {"sesion": session.id}),
        ("settle_delayed", {"session_id": session.id}),
        ("set_refund_status", {"status": "lost"}),
    ):
        answer = _throw(emulator, name, **arguments)
        assert answer["status"] == 400
        assert answer["error"]
