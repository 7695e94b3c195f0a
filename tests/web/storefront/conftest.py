"""A Stripe for the pages that lead to it."""

from collections.abc import Iterator

import pytest

from portal.devtools.stripe_emulator import StripeEmulator
from portal.settings import Settings
from tests.support.till import stripe_running


@pytest.fixture
def stripe(connected: Settings) -> Iterator[StripeEmulator]:
    """A Stripe of the test's own."""
    with stripe_running() as emulator:
        yield emulator
