"""All seven promises hold for a business to which everything has happened that can."""

from datetime import timedelta

import pytest

from portal.kernel import time
from portal.promises import checker
from portal.web.visits import Visits
from tests.promises.conftest import Proof
from tests.promises.story import everything


@pytest.mark.slow
def test_whatever_happens_every_promise_holds(proof: Proof) -> None:
    everything(proof.till)
    checks = checker.checks(proof.app, Visits(proof.app))
    assert [violation for check in checks.values() for violation in check(time.now())] == []
    # Past its end a hold stands as long as its session is open at Stripe or a bank is at work.
    assert proof.violations(at=time.now() + timedelta(hours=1)) == []
