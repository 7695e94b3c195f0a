"""What is remembered when the emulator stops and starts again, and the emulator as a program of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import Inbox, card_form, client_of, eventually, fetch, session_params


def test_everything_is_kept_across_a_restart(tmp_path: Path) -> None:
    box = Inbox()
    box.start()
    with StripeEmulator(tmp_path) as first:
        first.add_endpoint("http://127.0.0.1:9/down", box.secret)
        first.shift_clock(120)
        params = session_params(first)
        made = client_of(first).v1.checkout.sessions.create(params, {"idempotency_key": "k"})
        intent = first.pay(client_of(first).v1.checkout.sessions.create(session_params(first)).id)["payment_intent"]
    with StripeEmulator(tmp_path) as second:
        client = client_of(second)
        assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).id == made.id
        shown = client.v1.checkout.sessions.retrieve(made.id)
        assert str(shown.url).startswith(second.base_url)
        assert fetch(str(shown.url), card_form()).status == 303
        assert client.v1.refunds.create({"payment_intent": intent}).status == "succeeded"
        assert second.world.clock.offset == 120
        second.set_retry_wait(0.05, 0.1)
        second.world.store.execute("UPDATE endpoint SET url = ?", box.url)
        second.world.store.execute("UPDATE delivery SET due = 0")
        assert second.wait_until_delivered()
    box.stop()
    assert inbox_counts(box)["checkout.session.completed"] == 2


def inbox_counts(box: Inbox) -> dict[str, int]:
    return {name: len({event.id for event in box.events if event.type == name}) for name in box.types}


def test_setting_up_the_same_endpoint_again_adds_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with StripeEmulator(tmp_path) as emulator:
            emulator.add_endpoint("http://127.0.0.1:9/hook", "whsec_a")
            emulator.add_endpoint("http://127.0.0.1:9/hook", "whsec_b", is_connect=True)
            assert [one["secret"] for one in emulator.endpoints()] == ["whsec_a", "whsec_b"]


def test_an_endpoint_that_moves_gets_what_was_owed_to_its_old_address(emulator: StripeEmulator) -> None:
    emulator.add_endpoint("http://127.0.0.1:9/hook", "whsec_inbox", endpoint_id="we_platform")
    emulator.pay(client_of(emulator).v1.checkout.sessions.create(session_params(emulator)).id)
    box = Inbox()
    box.start()
    emulator.add_endpoint(box.url, box.secret, endpoint_id="we_platform")
    assert emulator.wait_until_delivered()
    box.stop()
    assert len(emulator.endpoints()) == 1
    assert "checkout.session.completed" in box.types


def test_the_program_serves_until_it_is_told_to_end_and_keeps_its_state(tmp_path: Path) -> None:
    box = Inbox()
    box.start()
    command = [sys.executable, "-m", "portal.devtools.stripe_emulator", "--state", str(tmp_path / "state")]
    command += ["--webhook-url", box.url, "--webhook-secret", box.secret]
    ids = []
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            client = stripe.StripeClient("sk_test_1", base_addresses={"api": program.stdout.readline().strip()})
            client.v1.customers.create({"name": "Ada"})
            ids.append([one.id for one in client.v1.customers.list().data])
            program.send_signal(signal.SIGTERM)
            assert program.wait(20) == 0
    assert ids[1][1:] == ids[0]
    assert eventually(lambda: box.types == ["customer.created", "customer.created"])
    box.stop()
