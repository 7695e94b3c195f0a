"""Webhooks: signed, to the right endpoint, again when refused, and lost, doubled or mixed up on demand."""

import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import Inbox, client_of, eventually, session_params

PAID = ["charge.succeeded", "checkout.session.completed", "payment_intent.created", "payment_intent.succeeded"]


def _pay(emulator: StripeEmulator, account: str = "") -> stripe.checkout.Session:
    options = {"stripe_account": account} if account else {}
    session = client_of(emulator).v1.checkout.sessions.create(session_params(emulator), options)  # type: ignore[arg-type] # an empty one is fine
    emulator.pay(session.id)
    return session


def test_events_arrive_signed_and_show_the_object(emulator: StripeEmulator, inbox: Inbox) -> None:
    session = _pay(emulator)
    assert emulator.wait_until_delivered()
    assert sorted(inbox.types) == PAID
    assert inbox.forged == 0
    completed = next(event for event in inbox.events if event.type == "checkout.session.completed")
    assert completed.data.object["id"] == session.id
    assert completed.data.object["payment_status"] == "paid"
    assert completed.livemode is False
    assert "account" not in completed


def test_another_secret_does_not_verify(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.add_endpoint(inbox.url, "whsec_other")
    _pay(emulator)
    assert eventually(lambda: inbox.forged >= 4)
    assert inbox.events == []


def test_a_connected_accounts_events_go_to_the_connect_endpoint_alone(emulator: StripeEmulator, inbox: Inbox) -> None:
    connect = Inbox(secret="whsec_connect")
    connect.start()
    emulator.add_account("acct_bella")
    emulator.wait_until_delivered()
    emulator.add_endpoint(connect.url, connect.secret, is_connect=True)
    _pay(emulator, "acct_bella")
    assert emulator.wait_until_delivered()
    connect.stop()
    assert sorted(connect.types) == PAID
    assert {event.account for event in connect.events} == {"acct_bella"}
    assert inbox.events == []


def test_a_refused_delivery_is_tried_again_until_it_is_taken(emulator: StripeEmulator, inbox: Inbox) -> None:
    inbox.answers = [500, 302, 404]
    session = client_of(emulator).v1.checkout.sessions.create(session_params(emulator))
    emulator.expire_session(session.id)
    assert emulator.wait_until_delivered()
    assert inbox.types == ["checkout.session.expired"] * 4
    assert len({event.id for event in inbox.events}) == 1
    assert [(one["state"], one["attempts"], one["answer"]) for one in emulator.deliveries()] == [
        ("delivered", 4, "200")
    ]


def test_an_endpoint_that_is_down_gets_its_events_when_it_is_back(emulator: StripeEmulator) -> None:
    box = Inbox()
    box.start()
    emulator.add_endpoint(box.url, box.secret)
    box.stop()
    _pay(emulator)
    assert eventually(lambda: all(one["attempts"] > 0 for one in emulator.deliveries()))
    back = Inbox()
    back.start()
    emulator.world.store.execute("UPDATE endpoint SET url = ?", back.url)
    assert emulator.wait_until_delivered()
    back.stop()
    assert sorted(back.types) == PAID


def test_given_up_after_the_last_attempt(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.world.outbox.retrying.most_attempts = 2
    inbox.answers = [500] * 8
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert {one["state"] for one in emulator.deliveries()} == {"failed"}
    assert len(inbox.events) == 8


def test_dropped_webhooks_are_never_sent_but_listed(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.drop_webhooks(("checkout.session.completed",))
    session = _pay(emulator)
    assert emulator.wait_until_delivered()
    assert sorted(inbox.types) == sorted(set(PAID) - {"checkout.session.completed"})
    events = client_of(emulator).v1.events.list({"type": "checkout.session.completed"}).data
    assert [event.data.object["id"] for event in events] == [session.id]


def test_duplicated_webhooks_come_several_times_with_the_same_id(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.duplicate_webhooks(3)
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert sorted(inbox.types) == sorted(PAID * 3)
    assert len({event.id for event in inbox.events}) == 4


def test_held_webhooks_are_released_in_the_order_asked_for(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.hold_webhooks()
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert inbox.events == []
    emitted = [event["type"] for event in emulator.events()]
    released = emulator.release_webhooks("reversed")
    assert [one["type"] for one in released] == inbox.types == emitted[::-1]
    assert {one["answer"] for one in released} == {"200"}
    assert emulator.release_webhooks() == []


def test_shuffling_is_repeatable(emulator: StripeEmulator, inbox: Inbox) -> None:
    _pay(emulator)
    assert emulator.wait_until_delivered()
    orders = [[one["type"] for one in emulator.redeliver(order="shuffled", seed=seed)] for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1
    assert len(inbox.events) == 20


def test_events_are_delivered_again_as_often_as_asked(emulator: StripeEmulator, inbox: Inbox) -> None:
    _pay(emulator)
    assert emulator.wait_until_delivered()
    chosen = emulator.events()[-1]["id"]
    inbox.events.clear()
    emulator.redeliver([chosen], times=5)
    assert [event.id for event in inbox.events] == [chosen] * 5


def test_an_endpoint_can_ask_for_some_types_and_be_taken_down(emulator: StripeEmulator, inbox: Inbox) -> None:
    endpoint = emulator.add_endpoint(inbox.url, inbox.secret, types=("payment_intent.succeeded",))
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert inbox.types == ["payment_intent.succeeded"]
    emulator.remove_endpoint(endpoint["id"])
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert len(inbox.events) == 1


def test_resetting_ends_all_mischief_and_sends_what_was_held(emulator: StripeEmulator, inbox: Inbox) -> None:
    emulator.hold_webhooks()
    emulator.duplicate_webhooks(2)
    _pay(emulator)
    emulator.reset_webhooks()
    _pay(emulator)
    assert emulator.wait_until_delivered()
    assert len(inbox.events) == 12
