"""The gateway in surroundings that a developer's machine does not have."""

from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest

from portal.kernel import time
from portal.payments.stripe_gateway import from_settings
from portal.settings import Settings
from tests.support.till import Till


def test_a_container_user_without_a_home_directory_can_ask_stripe(
    till: Till, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Never:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr("stripe._telemetry_id._loaded", False)
    at = time.now()
    gateway = from_settings(replace(settings, stripe_api_base=till.stripe.base_url))
    assert list(gateway.events(account=None, types=["charge.refunded"], since=at, until=at, limit=1)) == []
