"""Idempotency keys as Stripe documents them."""

import threading

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import client_of, eventually, line, session_params

DAY = 24 * 60 * 60


def test_the_same_request_gets_the_same_answer(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator)
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    second = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert first.to_dict() == second.to_dict()
    assert first.last_response is not None
    assert second.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert [request.is_replay for request in emulator.requests] == [False, True]
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_the_stored_answer_is_that_of_the_first_time(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator)
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    client.v1.checkout.sessions.expire(first.id)
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).status == "open"


def test_another_request_under_the_same_key_is_refused(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    client.v1.checkout.sessions.create(session_params(emulator), {"idempotency_key": "k"})
    changed = session_params(emulator, line_items=[line("Deposit", 62_501)])
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as caught:
        client.v1.checkout.sessions.create(changed, {"idempotency_key": "k"})
    assert caught.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.customers.create({"email": "ada@example.com"}, {"idempotency_key": "k"})


def test_the_same_request_while_the_first_still_runs_is_a_conflict(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    params = session_params(emulator)
    emulator.hang_next("POST", "/v1/checkout/sessions", seconds=1)
    slow = threading.Thread(
        target=lambda: client_of(emulator).v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    )
    slow.start()
    assert eventually(lambda: len(emulator.requests) == 1 and not emulator.faults())
    with pytest.raises(stripe.APIError) as caught:
        client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert caught.value.http_status == 409
    assert caught.value.error is not None
    assert caught.value.error.code == "idempotency_key_in_use"
    slow.join()
    client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_what_fails_validation_is_not_stored(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(emulator, colour="red"), {"idempotency_key": "k"})
    assert client.v1.checkout.sessions.create(session_params(emulator), {"idempotency_key": "k"}).status == "open"


def test_a_refusal_after_the_work_began_is_stored(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    params = session_params(emulator, expires_at=emulator.now() + 60)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
            client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert [request.is_replay for request in emulator.requests] == [False, True]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(session_params(emulator), {"idempotency_key": "k"})


def test_a_500_is_stored(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.fail_next("POST", "/v1/checkout/sessions", status=500)
    params = session_params(emulator)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
        assert caught.value.http_status == 500
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k2"}).status == "open"


@pytest.mark.parametrize("status", [429, 409, 503])
def test_other_failures_are_not_stored(emulator: StripeEmulator, client: stripe.StripeClient, status: int) -> None:
    emulator.fail_next("POST", status=status)
    params = session_params(emulator)
    with pytest.raises(stripe.StripeError) as caught:
        client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert caught.value.http_status == status
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).status == "open"


def test_keys_belong_to_an_account(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.add_account("acct_bella")
    params = session_params(emulator)
    own = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    theirs = client.v1.checkout.sessions.create(params, {"idempotency_key": "k", "stripe_account": "acct_bella"})
    assert own.id != theirs.id


def test_a_key_is_forgotten_after_a_day(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    emulator.shift_clock(DAY - 60)
    assert client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).id == customer.id
    emulator.shift_clock(120)
    assert client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).id != customer.id
