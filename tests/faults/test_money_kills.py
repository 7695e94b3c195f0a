"""A process that is killed at any named step between Stripe and our tables loses nothing and doubles nothing."""

import json
import os
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.paths import ROOT
from portal.kernel import time
from portal.kernel.failpoints import EXIT_CODE
from portal.lifecycle import pay, settle
from portal.lifecycle.pay import Payment
from portal.payments import refunds as money_back
from portal.payments.checkouts import Opened
from portal.payments.states import RefundReason
from tasks import relay
from tests.support import leaving, paying
from tests.support.couples import hold
from tests.support.days import claims_of
from tests.support.till import Till, booking, checkout, ledger, owed, refunds, rows, stages
from tests.support.world import Business

pytestmark = pytest.mark.slow

# What the process does that is going to die: open a session, take in an event, carry out an effect.
CHILD = """
import json, os, sys
from uuid import UUID
from portal import factory
from portal.kernel import time
from portal.settings import Settings
settings = Settings.from_env(os.environ)
act, *args = sys.argv[1:]
if act == "post":
    from tests.support.till import Till
    print(Till(None, factory.create_app(settings).test_client()).post(json.loads(args[0])).status_code)
factory.connect(settings)
if act == "open":
    from portal.payments import checkouts
    print(checkouts.open_session(UUID(args[0]), UUID(args[1]), at=time.now()))
if act == "answer":
    from tasks import pace, relay
    pace.install(pace.Pace(lease=0.1))
    print(relay.answer(UUID(args[0])))
"""


@pytest.fixture
def die(till: Till, environment: dict[str, str]) -> Any:
    """Run a process that ends at a failpoint."""

    def run(failpoint: str, *args: object) -> None:
        ours = {"FAILPOINT": failpoint, "STRIPE_API_BASE": till.stripe.base_url, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *[str(arg) for arg in args]],
            env={**os.environ, **environment, **ours},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == EXIT_CODE, done.stdout + done.stderr

    return run


def effect_about(subject_id: UUID) -> UUID:
    with database.reading(), platform_scope(reason="test"):
        effect_id: UUID = database.value("SELECT id FROM outbox WHERE subject_id = %s ORDER BY created_at", subject_id)
        return effect_id


def finish(effect_id: UUID) -> None:
    """Another worker takes the effect over as soon as the dead one's lease runs out."""
    for _ in range(10_000):
        if relay.answer(effect_id):
            return
    pytest.fail("nobody could take the effect over")


def paid_event(till: Till, shop: Business) -> tuple[Any, dict[str, Any]]:
    held = till.hold(shop)
    till.pay(shop, held)
    return held, next(event for event in till.events() if event["type"] == "checkout.session.completed")


def kept(event: dict[str, Any]) -> UUID:
    with database.reading(), platform_scope(reason="test"):
        row_id: UUID = database.value("SELECT id FROM webhook_event WHERE event_id = %s", event["id"])
        return row_id


def assert_sold_once(shop: Business, held: Any) -> None:
    assert booking(shop, held).status == "confirmed"
    assert ledger(shop) == [("capture", 100_000)]
    assert stages(shop)[0] == ("DEPOSIT", 100_000, "COMPLETED")
    assert [kind for kind, _ in claims_of(shop).values()] == ["event"]
    assert owed(shop).count("booking.confirmed") == 1
    assert len(rows(shop, "SELECT id FROM payment_allocation")) == 1


def test_killed_after_stripe_made_the_session(till: Till, shop: Business, die: Any) -> None:
    held = hold(shop)
    die("checkout.after_create", "open", shop.id, held.checkout_id)
    assert checkout(shop, held).status == "creating"
    opened = till.open(shop, held)
    assert isinstance(opened, Opened)
    made = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'checkout.session'")
    assert [json.loads(row["body"])["id"] for row in made] == [checkout(shop, held).stripe_checkout_session_id]


def test_killed_after_stripe_made_the_session_for_the_rest(till: Till, shop: Business, die: Any) -> None:
    held = leaving.sold(till, shop)
    wish = Payment(frozenset(paying.open_stages(shop, held)), "http://localhost/paid", "http://localhost/pay", {})
    checkout_id, _ = pay._choose(shop.id, held.booking_id, wish, time.now())
    die("checkout.after_create", "open", shop.id, checkout_id)
    (attempt,) = paying.tries(shop, held)
    assert (attempt.status, attempt.stripe_checkout_session_id) == ("creating", None)
    settle.settle(shop.id, attempt.id, at=time.now())  # as reconcile does for whatever hangs in the air
    (found,) = paying.sessions(shop, held)
    made = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'checkout.session'")
    ((deposit,),) = rows(shop, "SELECT stripe_checkout_session_id FROM checkout WHERE purpose = 'booking'")
    assert {json.loads(row["body"])["id"] for row in made} == {deposit, found}
    assert isinstance(paying.ask(shop, held), Opened)
    assert paying.sessions(shop, held) == [found]
    till.stripe.pay(found)
    till.deliver()
    assert stages(shop)[1][2] == "COMPLETED"


def test_killed_after_the_event_was_stored(till: Till, shop: Business, die: Any) -> None:
    held, event = paid_event(till, shop)
    die("webhook.after_store", "post", json.dumps(event))
    assert booking(shop, held).status == "held"
    till.work()
    assert_sold_once(shop, held)


@pytest.mark.parametrize("failpoint", ["settle.before_commit", "settle.after_commit", "webhook.before_handled"])
def test_killed_while_an_event_is_handled(till: Till, shop: Business, die: Any, failpoint: str) -> None:
    held, event = paid_event(till, shop)
    till.post(event)
    effect_id = effect_about(kept(event))
    die(failpoint, "answer", effect_id)
    assert booking(shop, held).status == ("held" if failpoint == "settle.before_commit" else "confirmed")
    finish(effect_id)
    assert_sold_once(shop, held)


@pytest.mark.parametrize("failpoint", ["refund.before_call", "refund.after_call"])
def test_killed_while_money_goes_back(till: Till, shop: Business, die: Any, failpoint: str) -> None:
    till.pay(shop, till.hold(shop))
    till.deliver()
    ((payment_id,),) = rows(shop, "SELECT id FROM payment")
    request_id = money_back.request(shop.id, payment_id, reason=RefundReason.OWNER, at=time.now())
    effect_id = effect_about(request_id)
    die(failpoint, "answer", effect_id)
    assert refunds(shop) == [("owner", 100_000, "PROCESSING")]
    finish(effect_id)
    till.deliver()
    assert refunds(shop) == [("owner", 100_000, "COMPLETED")]
    assert ledger(shop) == [("capture", 100_000), ("refund", -100_000)]
    assert len(till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'refund'")) == 1
