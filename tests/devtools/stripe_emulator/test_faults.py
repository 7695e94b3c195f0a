"""Faults on demand: errors, hanging calls, lost answers, an emulator that is gone, another clock."""

import threading
import time
from collections.abc import Callable

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from portal.devtools.stripe_emulator.engine.paying import NotPayable
from tests.devtools.stripe_emulator.kit import client_of, eventually, session_params

SESSIONS = "/v1/checkout/sessions"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, stripe.RateLimitError), (409, stripe.APIError), (500, stripe.APIError), (503, stripe.APIError)],
)
def test_the_next_calls_fail_and_later_ones_work(
    emulator: StripeEmulator, client: stripe.StripeClient, status: int, kind: type[stripe.StripeError]
) -> None:
    emulator.fail_next("POST", SESSIONS, status=status, times=2)
    client.v1.checkout.sessions.list()
    for _ in range(2):
        with pytest.raises(kind) as caught:
            client.v1.checkout.sessions.create(session_params(emulator))
        assert caught.value.http_status == status
    assert client.v1.checkout.sessions.create(session_params(emulator)).status == "open"
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_a_fault_may_let_the_first_calls_through_and_name_addresses_by_pattern(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    made = client.v1.checkout.sessions.create(session_params(emulator))
    emulator.fail_next("POST", f"{SESSIONS}/*/expire", status=500)
    emulator.fail_next("GET", f"{SESSIONS}/*", status=500, skip=1)
    assert client.v1.checkout.sessions.retrieve(made.id).status == "open"
    with pytest.raises(stripe.APIError):
        client.v1.checkout.sessions.retrieve(made.id)
    with pytest.raises(stripe.APIError):
        client.v1.checkout.sessions.expire(made.id)
    assert emulator.faults() == []


def test_an_error_may_come_after_the_work_is_done(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.fail_next("POST", SESSIONS, status=500, is_after_work=True)
    with pytest.raises(stripe.APIError):
        client.v1.checkout.sessions.create(session_params(emulator))
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_the_answer_is_lost_but_the_work_is_done_and_found_by_its_key(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    params = session_params(emulator)
    emulator.drop_answers("POST", SESSIONS)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    made = client.v1.checkout.sessions.list().data
    assert len(made) == 1
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).id == made[0].id


def test_a_call_that_hangs_does_its_work_after_the_client_gave_up(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    emulator.hang_next("POST", SESSIONS, seconds=0.6)
    with pytest.raises(stripe.APIConnectionError):
        client_of(emulator, timeout=0.2).v1.checkout.sessions.create(session_params(emulator))
    assert client.v1.checkout.sessions.list().data == []
    assert eventually(lambda: len(client.v1.checkout.sessions.list().data) == 1)


def test_other_calls_are_answered_while_one_hangs(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.hang_next("POST", SESSIONS, seconds=30)

    def wait_in_vain() -> None:
        with pytest.raises(stripe.APIConnectionError):
            client_of(emulator, timeout=1).v1.checkout.sessions.create(session_params(emulator))

    slow = threading.Thread(target=wait_in_vain)
    slow.start()
    assert eventually(lambda: bool(emulator.requests) and not emulator.faults())
    assert client.v1.checkout.sessions.list().data == []
    slow.join()


def test_a_stopped_emulator_answers_nobody_not_even_who_already_waits() -> None:
    emulator = StripeEmulator()
    emulator.start()
    client = client_of(emulator)
    client.v1.checkout.sessions.list()
    emulator.hang_next(seconds=600)
    outcomes: list[str] = []

    def wait_for_an_answer() -> None:
        try:
            client_of(emulator).v1.checkout.sessions.list()
        except stripe.APIConnectionError as error:
            outcomes.append(type(error).__name__)

    waiting = threading.Thread(target=wait_for_an_answer)
    waiting.start()
    assert eventually(lambda: len(emulator.requests) == 2 and not emulator.faults())
    emulator.stop()
    waiting.join()
    assert outcomes == ["APIConnectionError"]
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.list()


def test_faults_can_be_taken_back(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.fail_next(times=99)
    emulator.clear_faults()
    assert client.v1.checkout.sessions.list().data == []


def test_the_clock_is_shifted_set_and_reset(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    emulator.shift_clock(3600)
    made = client.v1.checkout.sessions.create(session_params(emulator))
    assert made.created - int(time.time()) in range(3595, 3601)
    emulator.set_clock(made.expires_at)
    assert client.v1.checkout.sessions.retrieve(made.id).status == "expired"
    emulator.reset_clock()
    assert abs(emulator.now() - int(time.time())) <= 1


def test_paying_and_ending_at_the_same_moment_leaves_one_winner(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    for _ in range(10):
        session = client.v1.checkout.sessions.create(session_params(emulator))
        outcomes: list[str] = []

        def attempt(act: Callable[[str], object], name: str, session_id: str, into: list[str]) -> None:
            try:
                act(session_id)
                into.append(name)
            except (NotPayable, stripe.InvalidRequestError):
                pass

        rivals = [
            threading.Thread(target=attempt, args=(emulator.pay, "complete", session.id, outcomes)),
            threading.Thread(
                target=attempt, args=(client.v1.checkout.sessions.expire, "expired", session.id, outcomes)
            ),
        ]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()
        assert outcomes == [client.v1.checkout.sessions.retrieve(session.id).status]


def test_many_clients_at_once_are_all_served(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    problems: list[stripe.StripeError] = []

    def create() -> None:
        try:
            client_of(emulator).v1.checkout.sessions.create(session_params(emulator))
        except stripe.StripeError as error:
            problems.append(error)

    threads = [threading.Thread(target=create) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len({one.id for one in client.v1.checkout.sessions.list({"limit": 100}).data}) == 60
