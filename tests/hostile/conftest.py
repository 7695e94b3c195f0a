"""The cast of the walks, made once: nobody in it may change anything that matters to the others."""

import secrets

import pytest

from portal.settings import Settings
from tests.hostile.cast import House, forget_limits, house


@pytest.fixture(scope="package")
def theirs(connected: Settings) -> House:
    """The business that is walked upon."""
    return house(f"qz{secrets.token_hex(4)}theirs")


@pytest.fixture(scope="package")
def ours(connected: Settings) -> House:
    """The rival's, where the walker is at home."""
    return house(f"qz{secrets.token_hex(4)}ours")


@pytest.fixture(autouse=True)
def _unlimited() -> None:
    forget_limits()
