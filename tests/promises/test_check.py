"""``flask check`` as an operator meets it: the demo data passes, and what is broken is told in plain lines."""

from dataclasses import replace

import pytest

from portal.db import database
from portal.devtools import demo
from portal.settings import Settings
from portal.web.application import Application
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support.statements import statements
from tests.support.till import stripe_running

ALL = ["P1", "P2", "P3", "P4", "P5", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14", "P16", "P21", "P22", "P23",
       "P24", "P25", "P28", "P29"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_data_keeps_every_promise(app: Application, settings: Settings, own_database: str) -> None:
    with stripe_running() as stripe:
        demo.load(replace(settings, stripe_api_base=stripe.base_url))
        result = app.test_cli_runner().invoke(args=["check"])
    assert result.output.splitlines() == [f"{name:<4} holds" for name in ALL]
    assert result.exit_code == 0


def test_what_is_broken_is_told_in_lines_and_by_the_exit_code(proof: Proof) -> None:
    held = Story(proof.till, proof.shop).sell()
    proof.tamper("UPDATE payment SET stripe_payment_intent_id = 'pi_invented'")
    result = proof.app.test_cli_runner().invoke(args=["check", "P1", "P9", "P10"])
    intent = next(event for event in proof.till.events() if event["type"] == "payment_intent.succeeded")
    assert result.output.splitlines() == [
        "P1   holds",
        "P9   is broken 2 times",
        "     P9 pi_invented: a payment here that the provider does not know",
        f"     P9 {intent['data']['object']['id']}: a payment at the provider without a row here",
        "P10  holds",
        "1 effects are still owed: once a worker has carried them out, check again.",
    ]
    assert result.exit_code == 1
    assert held.reference not in result.output


def test_it_runs_as_the_application_itself_and_writes_nothing(proof: Proof) -> None:
    Story(proof.till, proof.shop).sell()
    with statements() as asked:
        result = proof.app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0, result.output
    assert not [statement for statement in asked if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    with database.reading():
        assert database.value("SELECT current_user") == "aisle_app"
