"""``flask check`` as an operator meets it: the demo data passes, and what is broken is told in plain lines."""

from dataclasses import replace

import pytest

from portal.devtools import demo
from portal.settings import Settings
from portal.web.application import Application
from tests.support.till import stripe_running

ALL = ["P1", "P3", "P4", "P8", "P9", "P10", "P13", "P14", "P28"]


@pytest.mark.slow
def test_the_demo_data_keeps_every_promise(app: Application, settings: Settings, own_database: str) -> None:
    with stripe_running() as stripe:
        demo.load(replace(settings, stripe_api_base=stripe.base_url))
        result = app.test_cli_runner().invoke(args=["check"])
    assert result.exception is None, result.exc_info
    assert result.output.splitlines() == [f"{name:<4} holds" for name in ALL]
    assert result.exit_code == 0
