"""An emulator of its own for every test, the SDK pointed at it, and an inbox for its webhooks."""

from collections.abc import Iterator

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import Inbox, client_of


@pytest.fixture
def emulator() -> Iterator[StripeEmulator]:
    with StripeEmulator() as running:
        running.set_retry_wait(0.05, 0.1)
        yield running


@pytest.fixture
def client(emulator: StripeEmulator) -> stripe.StripeClient:
    return client_of(emulator)


@pytest.fixture
def inbox(emulator: StripeEmulator) -> Iterator[Inbox]:
    """The platform's endpoint."""
    box = Inbox()
    box.start()
    emulator.add_endpoint(box.url, box.secret)
    yield box
    box.stop()
