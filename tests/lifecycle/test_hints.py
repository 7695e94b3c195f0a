"""Events are hints: our own rows say whose they are, and Stripe says what is true."""

import json
from typing import Any
from uuid import uuid4

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.payments import gateway, kept_events
from tasks import relay
from tests.support.couples import hold
from tests.support.till import Till, booking, checkout, intent_of, ledger, owed, refunds, stages
from tests.support.world import Business, open_shop


def kept(event_id: str) -> Any:
    with database.reading(), platform_scope(reason="test"):
        return database.row("SELECT * FROM webhook_event WHERE event_id = %s", event_id)


def completed(till: Till) -> dict[str, Any]:
    return next(event for event in till.events() if event["type"] == "checkout.session.completed")


def work_on(till: Till, event: dict[str, Any], *, times: int = 1) -> None:
    """Let the worker try an event that Stripe's own list does not have."""
    row = kept(event["id"])
    with database.reading(), platform_scope(reason="test"):
        effect_id = database.value("SELECT id FROM outbox WHERE subject_id = %s", row.id)
    for _ in range(times):
        relay.answer(effect_id)


def test_a_handled_event_is_stamped(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.deliver()
    row = kept(completed(till)["id"])
    assert (row.status, row.object_type, row.last_error) == ("processed", "checkout.session", "")
    assert row.processed_at is not None


def test_another_tenants_booking_in_the_event_is_for_a_person(till: Till, shop: Business, rival: Business) -> None:
    theirs, ours = till.hold(rival), till.hold(shop)
    till.pay(shop, ours)
    forged = completed(till)
    forged["data"]["object"]["metadata"] |= {"tenant": str(rival.id), "checkout": str(theirs.checkout_id)}
    till.deliver(events=[forged])
    assert booking(shop, ours).review_reason == "event_mismatch: metadata"
    assert booking(rival, theirs).status == "held"
    assert (ledger(rival), ledger(shop)) == ([], [])


def test_a_session_that_names_anothers_checkout_never_confirms_it(till: Till, shop: Business, rival: Business) -> None:
    theirs = till.hold(rival)
    made = gateway.current().create_session(
        {**checkout(rival, theirs).parameters, "customer_email": "mallory@couple.example"}, key="forged", account=None
    )
    till.stripe.pay(made.id)
    till.deliver(times=2)
    seen = booking(rival, theirs)
    assert (seen.status, seen.review_reason) == ("held", "payment_mismatch: session")
    assert ledger(rival) == [("capture", 100_000)]
    assert stages(rival)[0][2] == "PENDING"
    till.pay(rival, theirs)
    till.deliver()
    assert booking(rival, theirs).status == "confirmed"


def test_a_session_on_another_account_never_confirms(till: Till, shop: Business) -> None:
    till.stripe.add_account("acct_mallory")
    open_shop(stripe_account_id="acct_mallory")
    held = till.hold(shop)
    made = gateway.current().create_session(checkout(shop, held).parameters, key="forged", account="acct_mallory")
    till.stripe.pay(made.id)
    till.deliver()
    seen = booking(shop, held)
    assert (seen.status, seen.review_reason) == ("held", "event_mismatch: account")
    assert ledger(shop) == []


def test_a_session_whose_making_we_never_heard_of_is_found_by_our_id(till: Till, shop: Business) -> None:
    till.stripe.drop_answers("POST", "/v1/checkout/sessions")
    held = hold(shop)
    till.open(shop, held)
    assert checkout(shop, held).stripe_checkout_session_id is None
    (lost,) = till.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'checkout.session'")
    till.stripe.pay(json.loads(lost["body"])["id"])
    till.deliver()
    assert booking(shop, held).status == "confirmed"


def test_a_refund_that_is_heard_of_before_the_payment_settles_it_first(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.stripe.refund_by_hand(intent_of(till), 10_000)
    only = [event for event in till.events() if event["type"] == "charge.refunded"]
    till.deliver(events=only)
    assert booking(shop, held).status == "confirmed"
    assert refunds(shop) == [("external", 10_000, "COMPLETED")]


def test_an_event_about_something_of_others_is_ignored(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    parameters = {**checkout(shop, held).parameters, "metadata": {}, "payment_intent_data": {}}
    foreign = gateway.current().create_session(parameters, key="foreign", account=None)
    till.stripe.pay(foreign.id)
    till.stripe.refund_by_hand(intent_of(till), 500)
    till.deliver()
    assert {kept(event["id"]).status for event in till.events() if kept(event["id"])} == {"ignored"}
    assert (ledger(shop), owed(shop)) == ([], [])


def test_an_unknown_object_is_looked_for_a_few_times(till: Till, shop: Business) -> None:
    event: dict[str, Any] = {
        "id": f"evt_{uuid4().hex}", "object": "event", "type": "checkout.session.completed", "livemode": False,
        "created": 1, "data": {"object": {"id": "cs_test_nobody", "object": "checkout.session"}},
    }  # fmt: skip
    assert till.post(event).status_code == 200
    work_on(till, event)
    assert kept(event["id"]).status == "failed"
    assert "resource_missing" in kept(event["id"]).last_error
    work_on(till, event, times=4)
    assert kept(event["id"]).status == "ignored"


def test_an_event_that_failed_can_be_tried_again(till: Till, shop: Business) -> None:
    held = till.hold(shop)
    till.pay(shop, held)
    till.stripe.fail_next("GET", "/v1/checkout/sessions/*", status=500)
    till.deliver(events=[completed(till)])
    row = kept(completed(till)["id"])
    assert (row.status, booking(shop, held).status) == ("failed", "held")
    assert row.id in [event.id for event in kept_events.unfinished()]
    kept_events.retry(row.id)
    till.work()
    assert (kept(row.event_id).status, booking(shop, held).status) == ("processed", "confirmed")
